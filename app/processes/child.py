"""A process that serves, as the one that started it sees it: a channel, and signs of life."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from app.processes.beats import BEAT, Beats

SILENT: Final = 5.0
"""Seconds after which one that says nothing gets no more connections, while others do."""
LOST: Final = 60.0
"""Seconds after which it is given up: it hangs, and so do its clients."""


@dataclass(slots=True)
class Child:
    """One serving process. Connections that it is handed are its own from then on."""

    number: int
    process: "subprocess.Popen[bytes]"
    channel: socket.socket
    began: float = field(default_factory=time.monotonic)
    ready: bool = False
    _heard: float = field(default_factory=time.monotonic)
    _load: int = 0
    _given_up: bool = False
    _beats: Beats = field(default_factory=Beats)

    @classmethod
    def start(cls, number: int, of: int, folder: Path, variables: Mapping[str, str]) -> Self:
        """Begin a process with these variables; it is ready once it has said so."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        words = (str(theirs.fileno()), str(number), str(of), str(folder))
        # found where this one was: the folder that it runs in may hold another app
        found = {"PYTHONPATH": os.pathsep.join(sys.path)}
        with theirs:
            process = subprocess.Popen(  # noqa: S603  this program itself
                [sys.executable, "-P", "-m", "app.processes.worker", *words],
                env={**variables, **found},
                pass_fds=[theirs.fileno()],
            )
        return cls(number, process, ours)

    @property
    def load(self) -> int:
        """Connections that it has, as far as is known."""
        return self._load

    def awake(self, now: float) -> bool:
        """Whether it serves, and was heard of lately."""
        return self.ready and now - self._heard < SILENT

    def lost(self, now: float) -> bool:
        """Whether it has said nothing for so long that it never will; starting counts as well."""
        return now - self._heard >= LOST

    def take(self, connection: socket.socket) -> bool:
        """Hand it a connection; False where it takes none now."""
        try:
            socket.send_fds(self.channel, [b"\0"], [connection.fileno()])
        except OSError:  # full, or gone: the next one is asked
            return False
        self._load += 1
        return True

    def hear(self, now: float) -> bool:
        """Read what it says; False once its end of the channel is closed."""
        try:
            said = self.channel.recv(BEAT.size * 64)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.ready, self._heard = True, now
        self._load = self._beats.last(said, self._load)
        return bool(said)

    def give_up(self) -> bool:
        """Kill it; whether that was not done before."""
        before, self._given_up = self._given_up, True
        self.process.kill()
        return not before

    def ended(self) -> int | None:
        """Return the status it ended with; None while it runs."""
        return self.process.poll()
