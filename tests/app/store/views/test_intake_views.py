"""What models received, in the order of their trouble, on both databases."""

from datetime import timedelta

from app.domain.sources.source import Listed, ObjectState, Source, Verdict
from app.domain.telling.operations import IntakeRank
from app.ports import Unit
from app.store import SqlStore
from tests.app.store.made import NOW, active, batch, declared, pane, rejection

MINUTE = timedelta(minutes=1)


async def quarantine(unit: Unit, model: int, name: str) -> None:
    """Give a model a source with an object that cannot be read."""
    source = Source(model, name, "files", "file:///data/")
    await unit.sources.put(source)
    known = await unit.sources.get(model, "files")
    assert known is not None
    await unit.sources.add(known.source, [Listed("a.csv", 10, NOW, "e1")])
    (claim,) = await unit.objects.claim(5, "me", MINUTE)
    verdict = Verdict(ObjectState.QUARANTINED, None, "unreadable", "is no CSV")
    assert await unit.objects.fail({claim.id: verdict}, "me")


async def test_the_most_troubled_come_first(store: SqlStore) -> None:
    names = ("calm", "empty", "broken", "refused", "also-calm")
    models = {name: await declared(store, name) for name in names}
    for name in ("calm", "refused", "also-calm"):
        grid_set = await active(store, models[name])
        await store.commit([batch(models[name], grid_set, f"k-{name}", pane())])
    async with store.write() as unit:
        await quarantine(unit, models["broken"].id, "broken")
        await unit.rejections.add([rejection("refused"), rejection("refused", key="k2")])
    async with store.read() as unit:
        found = await unit.views.intake_ranks()
        total = await unit.views.intake_total()
    assert found == [
        IntakeRank(models["broken"].id, "broken", refused=0, watched=1, quarantined=1),
        IntakeRank(models["refused"].id, "refused", refused=2, watched=0, quarantined=0),
        IntakeRank(models["also-calm"].id, "also-calm", 0, 0, 0),
        IntakeRank(models["calm"].id, "calm", 0, 0, 0),
    ]
    assert (total["counted"], total["rejected"]) == (30, 10)


async def test_a_model_that_was_deleted_is_nowhere(store: SqlStore) -> None:
    model = await declared(store)
    grid_set = await active(store, model)
    await store.commit([batch(model, grid_set, "k", pane())])
    async with store.write() as unit:
        await unit.models.hide(model.id)
    async with store.read() as unit:
        assert await unit.views.intake_ranks() == []
        assert await unit.views.source_tallies([model.id]) == []
        assert (await unit.views.intake_total())["received"] == 0
