"""One serving process; the supervisor begins it with its channel, number, their sum, a folder."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from app.logs import configure
from app.main import Server, run, server_config
from app.metrics.neighbours import Neighbours
from app.processes.channel import Channel
from app.settings import Settings, shared


class Handed(Server):
    """A server whose connections were accepted elsewhere."""

    def __init__(self, config: uvicorn.Config, end: socket.socket) -> None:
        super().__init__(config)
        self._taking = Channel(end, self._meet, self._connections, self._stop)
        self._beginning: set[asyncio.Task[object]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._taking.open()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._taking.close()
        await asyncio.gather(*self._beginning, return_exceptions=True)
        await super().shutdown(sockets)

    def _meet(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
        self._beginning.add(task)
        task.add_done_callback(self._begun)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _begun(self, task: "asyncio.Task[object]") -> None:
        self._beginning.discard(task)
        if not task.cancelled():
            task.exception()  # a client that is gone already is no news

    def _connections(self) -> int:
        return len(self.server_state.connections) + len(self._beginning)

    def _stop(self) -> None:
        self.handle_exit(signal.SIGTERM, None)


def main() -> int:
    """Serve what comes through the channel until it closes or SIGTERM; return the exit status."""
    channel, number, of, folder = sys.argv[1:]
    given = Settings()
    configure(given.log_format, given.log_level)
    settings = shared(given, int(of))
    neighbours = Neighbours(Path(folder), int(number), int(of))
    with socket.socket(fileno=int(channel)) as end:
        return run(settings, Handed(server_config(settings, neighbours=neighbours), end), list)


if __name__ == "__main__":
    raise SystemExit(main())
