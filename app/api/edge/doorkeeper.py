"""Who is connected: how many of one address, and who has taken too long.

One timer looks at all connections. Timers for each request would cost every request.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from app.api.edge.patience import Patience

UNLIMITED = 1 << 60


class Connection(Protocol):
    """What is watched."""

    def look(self, now: float) -> None:
        """Cut it where its client has taken too long."""


@dataclass(slots=True)
class Doorkeeper:
    """Admits connections, and looks after them. Belongs to one event loop."""

    patience: Patience = field(default_factory=Patience)
    of_one_address: int = UNLIMITED
    in_all: int = UNLIMITED
    refused: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Answers that are given without the application: no route, and the status."""
    _open: dict[Connection, str | None] = field(default_factory=dict)
    _addresses: Counter[str | None] = field(default_factory=Counter)
    _looking: asyncio.TimerHandle | None = None

    def admit(self, connection: Connection, address: str | None) -> bool:
        """Whether it may stay; it is watched from now on in either case."""
        self._open[connection] = address
        self._addresses[address] += 1
        if self._looking is None:
            self._rest()
        if address is not None and self._addresses[address] > self.of_one_address:
            return False
        return len(self._open) <= self.in_all

    def leave(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        address = self._open.pop(connection, None)
        self._addresses[address] -= 1
        if self._addresses[address] <= 0:
            del self._addresses[address]

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in list(self._open):
            connection.look(now)
        self._looking = None
        if self._open:
            self._rest()

    def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        self._looking = loop.call_later(self.patience.tick, self._look)
