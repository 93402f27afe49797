"""What metrics ask of the store: targets, features by class, and verdicts as they are given."""

from datetime import timedelta

from app.domain.alerts.delivery import Attempt, DeliveryState, Next, Target
from app.domain.alerts.event import FIRING, Event
from app.domain.model import VersionRole
from app.domain.telling.reports import TargetInfo
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, START, world
from tests.app.store.made import NOW, declared

LATER = timedelta(minutes=1)


def event(number: int) -> Event:
    return Event(f"evt_{number}", FIRING, "m/default", NOW, f"alert/{number}", b"{}")


async def test_targets_tell_their_deliveries_by_state_and_since_when_the_first_waits(
    store: SqlStore, place: Place
) -> None:
    async with store.write() as unit:
        for name in ("calm", "told"):
            await unit.targets.put(Target(name, "webhook", {"url": "https://x"}))
        await unit.targets.put(Target("off", "webhook", {"url": "https://x"}, enabled=False))
        (first,) = await unit.outbox.add(event(1), ["told"])
        await unit.outbox.add(event(2), ["told", "gone"])
        dead = Attempt(NOW, 400, "refused", LATER, None)
        await unit.outbox.record(first, dead, Next(DeliveryState.DEAD, None))
        await unit.targets.disable("told", "gone")
    place.clock.forward(LATER)
    async with store.write() as unit:
        await unit.outbox.add(event(3), ["told"])
    async with store.read() as unit:
        found = await unit.views.targets()
    assert found == [
        TargetInfo("calm", True, {}, None),
        TargetInfo("off", False, {}, None),
        TargetInfo("told", False, {"dead": 1, "pending": 2}, NOW, gone=True),
    ]


async def test_what_fires_comes_first_and_what_is_retired_not_at_all(store: SqlStore) -> None:
    model = await declared(store)
    async with store.write() as unit:
        await unit.models.put_version(model.id, "old", VersionRole.RETIRED, {})
        rows = [("old", "firing"), ("v", "resolved"), ("v", "pending"), ("v", "firing")]
        connection = unit.session.connection  # type: ignore[attr-defined]
        for number, (version, state) in enumerate(rows):
            made = {"version": version, "state": state, "monitor": f"m{number}", "segment": ""}
            at = {"since": NOW, "window_start": NOW, "changed_at": NOW}
            said = {"reason": "evidence", "worst": [], "model_id": model.id}
            await connection.execute(t.alert.insert().values(made | at | said))
    async with store.read() as unit:
        some, left_out = await unit.views.present_alerts(2)
        every, none = await unit.views.present_alerts(4)
    assert [one.monitor for one in some] == ["m3", "m1"]
    assert (left_out, none, len(every)) == (1, 0, 3)


async def test_features_are_read_as_far_as_they_are_asked_for(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as w:
        await w.declare()
        await w.reference()
        await w.send(START, shift=2.0)
        await w.send(START + HOUR)
        await w.close()
    async with store.read() as unit:
        (judged, quality) = await unit.views.latest()
        classes = await unit.views.feature_classes([judged.id])
        outlines = await unit.views.outlines([judged.id, quality.id])
        full = await unit.views.features([judged.id])
        some = await unit.views.estimates([(judged.id, "x")])
        after = await unit.views.verdicts_after(judged.id - 1, 1)
        newest = await unit.views.newest_verdict()
    assert (judged.monitor, quality.monitor) == ("default", "quality")
    told = {(one.state, one.warning, one.page) for one in full[judged.id]}
    assert classes == {judged.id: dict.fromkeys(told, 1)}
    assert {one.feature for one in outlines[quality.id]} == {"x", "c"}
    assert all(one.estimates == () for one in outlines[judged.id])
    (x,) = [one for one in full[judged.id] if one.feature == "x"]
    assert some == {(judged.id, "x"): list(x.estimates)}
    assert [(one.id, one.monitor, one.state) for one in after] == [
        (judged.id, "default", judged.state)
    ]
    assert newest == quality.id
