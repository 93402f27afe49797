"""Alerts: the steps of replayed windows take the place of those that stood there."""

from dataclasses import replace
from datetime import datetime

from app.domain.alerts.alert import AlertKey, AlertState, Present, Reason, Step
from app.domain.model import Model
from app.store import SqlStore
from tests.app.store.made import HOUR, NINE


def step(start: datetime, state: AlertState, run: int = 0) -> Step:
    return Step(start, 1, state, Reason.EVIDENCE, run, start)


async def test_steps_are_replaced_from_a_window_on(store: SqlStore, model: Model) -> None:
    key = AlertKey(model.id, "default", "", "default", NINE)
    starts = [NINE + HOUR * i for i in range(3)]
    async with store.write() as unit:
        assert await unit.alerts.present(key) is None
        assert await unit.alerts.before(key) is None
        first = [step(start, AlertState.INACTIVE) for start in starts]
        made = await unit.alerts.replace(key, first, ())
        assert await unit.alerts.present(key) == Present(AlertState.INACTIVE, ())
    second = replace(key, start=starts[1])
    async with store.write() as unit:
        assert await unit.alerts.before(second) == first[0]
        again = [step(starts[1], AlertState.PENDING, 1), step(starts[2], AlertState.FIRING)]
        assert await unit.alerts.replace(second, again, ("dep/delay %", "é")) == made
    async with store.read() as unit:
        assert await unit.alerts.present(key) == Present(AlertState.FIRING, ("dep/delay %", "é"))
        assert await unit.alerts.before(replace(key, start=starts[2])) == again[0]
        (awake,) = await unit.alerts.awake(model.id)
        assert (awake.id, awake.key) == (made, replace(key, start=starts[2]))
        (summary,) = await unit.views.alerts(model.id, "firing", 0, 10)
        found = await unit.views.alert(made)
        assert await unit.views.alerts(model.id, "inactive", 0, 10) == []
        assert await unit.views.alerts(None, None, made, 10) == []
        assert await unit.views.alert(99) is None
    assert (summary.model, summary.worst) == ("flights", ("dep/delay %", "é"))
    assert (summary.since, summary.window) == (starts[2], starts[2])
    assert found is not None
    assert [s.state for s in found[1]] == ["inactive", "pending", "firing"]


async def test_an_alert_is_resolved_from_outside(store: SqlStore, model: Model) -> None:
    key = AlertKey(model.id, "default", "", "default", NINE)
    async with store.write() as unit:
        made = await unit.alerts.replace(key, [step(NINE, AlertState.FIRING)], ("x",))
        await unit.alerts.resolve(made, "model_deleted")
        assert await unit.alerts.awake(model.id) == []
        (summary,) = await unit.views.alerts(None, None, 0, 10)
        assert (summary.state, summary.reason) == ("resolved", "model_deleted")
        before = await unit.alerts.before(replace(key, start=NINE + HOUR))
        assert before is not None
        assert before.state is AlertState.RESOLVED
        await unit.models.hide(model.id)
        assert await unit.views.alerts(None, None, 0, 10) == []


async def test_what_is_ended_from_outside_is_so_since_its_last_window(
    store: SqlStore, model: Model
) -> None:
    key = AlertKey(model.id, "default", "", "default", NINE)
    steps = [replace(step(NINE + HOUR * at, AlertState.FIRING), since=NINE) for at in range(3)]
    last = NINE + HOUR * 2
    async with store.write() as unit:
        made = await unit.alerts.replace(key, steps, ("x",))
        await unit.alerts.resolve(made, "not_champion")
        (summary,) = await unit.views.alerts(None, None, 0, 10)
        assert (summary.since, summary.window) == (last, last)
        found = await unit.views.alert(made)
    assert found is not None
    assert [(one.state, one.since) for one in found[1]] == [
        ("firing", NINE),
        ("firing", NINE),
        ("resolved", last),
    ]


async def test_alerts_of_other_series_are_not_touched(store: SqlStore, model: Model) -> None:
    key = AlertKey(model.id, "default", "", "default", NINE)
    others = [replace(key, version="b"), replace(key, segment="s"), replace(key, monitor="m")]
    async with store.write() as unit:
        for one in [key, *others]:
            await unit.alerts.replace(one, [step(NINE, AlertState.FIRING)], ())
        await unit.alerts.replace(key, [step(NINE, AlertState.INACTIVE)], ())
        assert [one.key for one in await unit.alerts.awake(model.id)] == others
