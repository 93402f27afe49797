"""Windows by rows: those that have ended are opened, with borders that never move."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.monitors.by_rows import Cuts, cut
from app.domain.window import MONDAY, Progress, closable_until, pane_of
from app.ports import Store, Unit
from app.ports.borders import Asking, Strip

AGAIN_AFTER = timedelta(seconds=15)
"""Rows that come late may fill a window, too; so long do such windows wait at most."""


@dataclass(frozen=True, slots=True)
class Uncut:
    """A model whose windows by rows may have ended: time moved on since it was looked at."""

    asking: Asking
    mark: object
    now: datetime


@dataclass(slots=True)
class Cutter:
    """Opens the windows by rows that the watermark has passed; they are judged as all others are.

    Two replicas never make different ones: a series is held while its next border is found, and
    a window of one start is there once.
    """

    store: Store
    _seen: dict[Asking, Uncut] = field(default_factory=dict)
    """Models in which there is nothing to cut until time moves on."""

    async def due(self) -> list[Uncut]:
        """Return the models that are worth a look."""
        async with self.store.read() as unit:
            every = await unit.borders.asking()
            found = [Uncut(one, await _mark(unit, one), unit.now) for one in every]
        self._seen = {one: was for one, was in self._seen.items() if one in every}
        return [one for one in found if not self._is_seen(one)]

    def _is_seen(self, uncut: Uncut) -> bool:
        was = self._seen.get(uncut.asking)
        return was is not None and was.mark == uncut.mark and uncut.now - was.now < AGAIN_AFTER

    async def cut(self, uncut: Uncut) -> int:
        """Open what has ended in one model; return how many windows that are."""
        # first, so that what cannot be cut is not tried again at once
        self._seen[uncut.asking] = uncut
        strips = await _over(self.store, uncut.asking)
        if strips:
            del self._seen[uncut.asking]
        return sum([await _cut(self.store, strip) for strip in strips])


async def _mark(unit: Unit, asking: Asking) -> object:
    """Return what tells whether windows may have ended: they do with a pane only."""
    found = (await unit.borders.progress(asking.model_id)).items()
    ends = {
        version: closable_until(asking.lateness, Progress(tuple(sources), unit.now))
        for version, sources in found
    }
    return {version: end and pane_of(end) for version, end in ends.items()}


async def _over(store: Store, asking: Asking) -> Sequence[Strip]:
    async with store.read() as unit:
        strips = await unit.borders.strips(asking)
        return [strip for strip in strips if (await _cuts(unit, strip)).spans]


async def _cut(store: Store, strip: Strip) -> int:
    async with store.write() as unit:
        mine = await unit.borders.claim(strip)
        cuts = None if mine is None else await _cuts(unit, mine)
        if mine is None or cuts is None or not cuts.spans:
            return 0
        await unit.borders.open(mine, cuts)
        return len(cuts.spans)


async def _cuts(unit: Unit, strip: Strip) -> Cuts:
    """Return the windows that have ended, of what is stored at present."""
    progress = await unit.windows.progress(strip.model_id, strip.version)
    until = closable_until(strip.lateness, Progress(tuple(progress), unit.now))
    if until is None:
        return Cuts((), strip.begin or MONDAY)
    held, known = await unit.borders.held(strip, until)
    if not held:
        return Cuts((), strip.begin or MONDAY)
    begin = held[0].start if strip.begin is None else strip.begin
    return await asyncio.to_thread(cut, held, begin, strip.frame.rows, known)
