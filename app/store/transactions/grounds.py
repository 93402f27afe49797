"""What models' rows are counted on, remembered for a moment: every batch asks for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from app.domain.model import Standing

FRESH_FOR = 1.0
"""Seconds; a commit notices what changed meanwhile, and the batch is counted again."""
MODELS = 1_000


@dataclass(frozen=True, slots=True)
class _Kept:
    standing: Standing
    at: float


class Grounds:
    """Reads each model's ground once a second, however many ask for it."""

    def __init__(self, read: Callable[[str], Awaitable[Standing | None]]) -> None:
        self._read = read
        self._kept: dict[str, _Kept] = {}
        self._reading: dict[str, asyncio.Task[Standing | None]] = {}
        self._changes = 0

    async def of(self, name: str, *, fresh: bool) -> Standing | None:
        """Return a model's ground with the present time; None where there is no such model."""
        kept = None if fresh else self.at_hand(name)
        if kept is not None:
            return kept
        if fresh:
            return await self._look(name)
        reading = self._reading.get(name)
        if reading is None:
            reading = asyncio.create_task(self._look(name))
            self._reading[name] = reading
            reading.add_done_callback(lambda done: self._read_is_over(name, done))
        # whoever is cancelled must not take the answer from the others
        return await asyncio.shield(reading)

    def at_hand(self, name: str) -> Standing | None:
        """Return the same if it was read a moment ago."""
        kept = self._kept.get(name)
        if kept is None:
            return None
        age = time.monotonic() - kept.at
        if age >= FRESH_FOR:
            return None
        return Standing(kept.standing.ground, kept.standing.now + timedelta(seconds=age))

    def forget(self) -> None:
        """Forget all; also what is being read at this moment, which may be the old state."""
        self._changes += 1
        self._kept.clear()
        self._reading.clear()

    def _read_is_over(self, name: str, done: "asyncio.Task[Standing | None]") -> None:
        if self._reading.get(name) is done:
            del self._reading[name]
        if not done.cancelled():
            done.exception()  # perhaps nobody waits for it any more

    async def _look(self, name: str) -> Standing | None:
        changes = self._changes
        found = await self._read(name)
        if found is not None and changes == self._changes and _settled(found):
            if len(self._kept) >= MODELS:
                self._kept.clear()
            self._kept[name] = _Kept(found, time.monotonic())
        return found


def _settled(found: Standing) -> bool:
    """Whether only a declaration can change it: the first batch makes the first champion."""
    return found.ground.active is not None and found.ground.champion is not None
