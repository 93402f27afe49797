"""What happens to a backfill while it is under way."""

import io
from collections.abc import AsyncIterator

import pytest
from rich.console import Console

from app.backfill.order import INCOMPLETE, Order, Stop
from app.backfill.pool import Pool
from app.backfill.show import shown
from app.backfill.tally import Tally
from app.backfill.under_way import UnderWay
from app.domain.prefix import scope_of
from app.domain.source import Listed, Source
from app.egress import Allow
from app.steps.enlist import Enlisted
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.buckets import URL, Bucket, bucket
from tests.app.steps.world import MODEL, START, world


@pytest.fixture
async def here(store: SqlStore, place: Place) -> AsyncIterator[Bucket]:
    async with world(store, place.clock) as made, bucket(made) as found:
        yield found


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
