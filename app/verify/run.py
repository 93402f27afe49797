"""Verdicts of a database, one after the other, each made again in a short transaction."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from rich.console import Console

from app.domain.errors import LeewayError
from app.domain.model import StoredGridSet
from app.domain.verdicts.judges import Judges
from app.domain.verdicts.verifying import Outcome, Verification, Verifier
from app.store.reading import SqlReader
from app.verify.order import Order, Stop
from app.verify.show import Shown, shown

A_PAGE = 500
GOOD, DIFFERENT, UNUSABLE, NOTHING = 0, 1, 2, 3


@dataclass
class Digests:
    """Digests of grid sets; each is worked out once."""

    known: dict[int, str] = field(default_factory=dict)

    def __call__(self, grids: StoredGridSet) -> str:
        if grids.id not in self.known:
            self.known[grids.id] = grids.grids.digest
        return self.known[grids.id]


def verify(order: Order, code: str, out: Console, err: Console) -> int:
    """Verify what was asked for; return the exit status."""
    try:
        return asyncio.run(_verify(order, code, out, err))
    except Stop as error:
        err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
    except LeewayError as error:
        err.print(error.detail, style="red", markup=False, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        err.print("stopped")
    return UNUSABLE


async def _verify(order: Order, code: str, out: Console, err: Console) -> int:
    reader = SqlReader(order.url)
    try:
        await reader.check()
        total = await _total(reader, order)
        verifier = Verifier(code, Judges(), Digests())
        with shown(order, total, out, err) as show:
            async for verdict in _ids(reader, order):
                found = await _one(reader, verifier, verdict)
                if found is not None:
                    show.add(found)
                elif order.ids:
                    raise Stop(f"there is no verdict {verdict}")
        return _status(show)
    finally:
        await reader.close()


async def _total(reader: SqlReader, order: Order) -> int:
    if order.ids:
        return len(order.ids)
    async with reader.read() as unit:
        if (model := order.chosen.model) is not None and await unit.models.find(model) is None:
            raise Stop(f"there is no model {model!r}")
        total = await unit.verdicts.count(order.chosen)
    if not total:
        raise Stop("there are no such verdicts")
    return total


async def _ids(reader: SqlReader, order: Order) -> AsyncIterator[int]:
    for verdict in order.ids:
        yield verdict
    after = 0
    while not order.ids:
        async with reader.read() as unit:
            page = await unit.verdicts.ids(order.chosen, after, A_PAGE)
        for verdict in page:
            yield verdict
        if not page:
            return
        after = page[-1]


async def _one(reader: SqlReader, verifier: Verifier, verdict: int) -> Verification | None:
    """Make one verdict again; None where retention removed it with its window meanwhile."""
    async with reader.read() as unit:
        given = await unit.verdicts.get(verdict)
        evidence = await unit.verdicts.evidence(verdict)
    if given is None or evidence is None:
        return None
    return await asyncio.to_thread(verifier.verify, given, evidence)


def _status(show: Shown) -> int:
    if show.failed:
        return DIFFERENT
    return GOOD if show.counted[Outcome.VERIFIED] or show.excused else NOTHING
