"""What happens to a backfill while it is under way."""

import io
from collections.abc import AsyncIterator
from datetime import date

import pytest
from rich.console import Console

from app.backfill.order import INCOMPLETE, Order, Stop
from app.backfill.pool import Pool
from app.backfill.show import shown
from app.backfill.tally import Tally
from app.backfill.under_way import UnderWay
from app.domain.sources.prefix import scope_of
from app.domain.sources.source import Listed, Source, Trouble
from app.egress import Allow
from app.steps.enlist import Enlisted, Enlisting
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.buckets import URL, Bucket, bucket
from tests.app.steps.world import MODEL, START, world


@pytest.fixture
async def here(store: SqlStore, place: Place) -> AsyncIterator[Bucket]:
    async with world(store, place.clock) as made, bucket(made) as found:
        yield found


class Unnamed:
    """A bucket that shows one object, and then says that keys are at fault."""

    async def pages(self, *_: Source | date) -> AsyncIterator[list[Listed]]:
        yield [Listed("logs/a.csv", 9, START, "etag")]
        raise Trouble("bad-key", "keys are at fault")


async def test_keys_that_cannot_be_read_hold_up_nothing_and_are_told(here: Bucket) -> None:
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        await unit.sources.put(Source(model.id, MODEL, "backfill", URL, enabled=False))
        (own,) = [s.source for s in await unit.sources.all() if s.source.name == "backfill"]
    out = Console(file=io.StringIO(), width=200)
    taker = here.taker(within=[scope_of(own, own)])
    pool = Pool(here.store, "one", 1, Allow(), "")
    with shown(out, quiet=True) as show:
        order, found = Order(URL, MODEL, patience=0.1), Enlisted()
        run = UnderWay(order, here.store, own, taker, pool, show, found, Tally())
        await run.enlist(Unnamed(), Enlisting(here.store, own, []))  # type: ignore[arg-type]
        assert (found.listed, found.added) == (1, {"backfill": 1})
        assert run._complete({}) == INCOMPLETE
    assert isinstance(out.file, io.StringIO)
    assert f"{URL}: keys are at fault; rename them" in out.file.getvalue()


@pytest.mark.parametrize("pruned", [False, True])
async def test_a_source_that_is_deleted_meanwhile_is_not_all_counted(
    here: Bucket, pruned: bool
) -> None:
    async with here.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        await unit.sources.put(Source(model.id, MODEL, "backfill", URL, enabled=False))
        (own,) = [s.source for s in await unit.sources.all() if s.source.name == "backfill"]
        await unit.sources.add(own, [Listed("logs/a.csv", 9, START, "etag")])
        await unit.sources.delete(model.id, own.name)
        if pruned:
            await unit.objects.prune(100)
    taker = here.taker(within=[scope_of(own, own)])
    pool = Pool(here.store, "one", 1, Allow(), "")
    order = Order(URL, MODEL, patience=0.1)
    with shown(Console(file=io.StringIO()), quiet=True) as show:
        run = UnderWay(order, here.store, own, taker, pool, show, Enlisted(), Tally())
        with pytest.raises(Stop, match="was deleted") as stopped:
            await run.count()
    assert stopped.value.status == INCOMPLETE
