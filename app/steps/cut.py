"""Windows by rows: those that have ended are opened, with borders that never move."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from app.domain.errors import Unavailable
from app.domain.monitors.by_rows import Cuts, cut
from app.domain.window import MONDAY, Progress, closable_until, pane_of
from app.ports import Store, Unit
from app.ports.borders import Asking, Strip

AGAIN_AFTER = timedelta(seconds=15)
"""Rows that come late may fill a window, too; so long do such windows wait at most."""
log = structlog.get_logger()


@dataclass(slots=True)
class Looked:
    """At which models there is nothing to cut until time moves on."""

    until: dict[Asking, tuple[object, datetime]] = field(default_factory=dict)

    def is_fresh(self, asking: Asking, mark: object, now: datetime) -> bool:
        was = self.until.get(asking)
        return was is not None and was[0] == mark and now - was[1] < AGAIN_AFTER


async def cut_windows(store: Store, looked: Looked | None = None) -> int:
    """Open the windows by rows that the watermark has passed; return how many.

    They are judged as all others are. Two replicas never make different ones: a series is held
    while its next border is found, and a window of one start is there once. What cannot be cut
    of one model keeps no other waiting.
    """
    looked = looked or Looked()
    async with store.read() as unit:
        every = await unit.borders.asking()
        marks = {one: await _mark(unit, one) for one in every}
        now = unit.now
    looked.until = {one: was for one, was in looked.until.items() if one in marks}
    opened = 0
    for one, mark in marks.items():
        if looked.is_fresh(one, mark, now):
            continue
        try:
            strips = await _over(store, one)
            opened += sum([await _cut(store, strip) for strip in strips])
        except Unavailable:
            raise
        except Exception:
            log.exception("cutting_failed", model_id=one.model_id)
            strips = []
        if not strips:
            looked.until[one] = mark, now
    return opened


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
