"""Windows by rows: those that have ended are opened, with borders that never move."""

import asyncio

from app.domain.monitors.by_rows import Cuts, cut
from app.domain.window import MONDAY, Progress, closable_until
from app.ports import Store, Unit
from app.ports.borders import Strip


async def cut_windows(store: Store) -> int:
    """Open the windows by rows that the watermark has passed; return how many.

    They are judged as all others are. Two replicas never make different ones: a series is held
    while its next border is found, and a window of one start is there once.
    """
    async with store.read() as unit:
        over = [strip for strip in await unit.borders.strips() if (await _cuts(unit, strip)).spans]
    opened = 0
    for strip in over:
        async with store.write() as unit:
            mine = await unit.borders.claim(strip)
            cuts = None if mine is None else await _cuts(unit, mine)
            if mine is not None and cuts is not None and cuts.spans:
                await unit.borders.open(mine, cuts)
                opened += len(cuts.spans)
    return opened


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
