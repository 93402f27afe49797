"""The serving process's end of its channel: connections come in, signs of life go out."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from app.processes.beats import BEAT, EVERY

BURST: Final = 64
"""Connections that are taken before anything else is looked at."""
LAST: Final = 4_096
"""And at the end: more than a channel holds, and no more than a moment's work."""


class Channel:
    """Takes connections one by one, each with its file."""

    def __init__(
        self,
        end: socket.socket,
        serve: Callable[[socket.socket], None],
        count: Callable[[], int],
        orphaned: Callable[[], None],
    ) -> None:
        """``serve`` gets each connection, ``count`` says how many there are."""
        self._end = end
        self._serve = serve
        self._count = count
        self._orphaned = orphaned
        self._beating: asyncio.TimerHandle | None = None
        end.setblocking(False)

    def open(self) -> None:
        """Say that connections are taken from now on."""
        asyncio.get_running_loop().add_reader(self._end, self._take)
        self._beat()

    def close(self) -> None:
        """Take what was handed over already, and no more."""
        if self._beating is None:
            return
        self._beating.cancel()
        self._beating = None
        asyncio.get_running_loop().remove_reader(self._end)
        self._take_up_to(LAST)
        self._end.close()

    def _take(self) -> None:
        if not self._take_up_to(BURST):
            # whoever accepts is gone: nobody would ever come, or end this process
            asyncio.get_running_loop().remove_reader(self._end)
            self._orphaned()

    def _take_up_to(self, most: int) -> bool:
        """Take what is there; False once the other end is closed."""
        for _ in range(most):
            try:
                said, files, _, _ = socket.recv_fds(self._end, 1, 1)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not said:
                return False
            for file in files:
                connection = socket.socket(fileno=file)
                connection.setblocking(False)
                self._serve(connection)
        return True

    def _beat(self) -> None:
        with suppress(OSError):  # nobody listens, or not yet
            self._end.send(BEAT.pack(self._count()))
        self._beating = asyncio.get_running_loop().call_later(EVERY, self._beat)
