"""What people who run the service look for, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.alerts.alert import AlertKey, AlertState, Step
from app.domain.alerts.alert import Reason as Why
from app.domain.alerts.delivery import DeliveryState, Next
from app.domain.alerts.event import FIRING, Event
from app.domain.monitors.monitor import (
    RETRAINING_MONITOR,
    TRAFFIC_MONITOR,
    Severities,
    Severity,
)
from app.domain.sources.heartbeat import Heartbeat
from app.domain.telling.operations import AlertChoice, Beat, DeliveryChoice, Episode
from app.ports import Unit
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.store.made import NINE, NOW, active, batch, declared, pane
from tests.app.store.telling.test_outbox import answered

HOUR = timedelta(hours=1)


async def fire(unit: Unit, model: int, monitor: str, *states: AlertState) -> int:
    """Give an alert one step for each state; its id."""
    key = AlertKey(model, "default", "", monitor, NINE)
    steps = [
        Step(NINE + HOUR * at, 1 + at, state, Why.EVIDENCE, 0, NINE)
        for at, state in enumerate(states)
    ]
    return await unit.alerts.replace(key, steps, ("carrier",))


async def test_what_fires_comes_first_and_the_latest_change_before(
    store: SqlStore, place: Place
) -> None:
    model = await declared(store)
    order = (AlertState.INACTIVE, AlertState.FIRING, AlertState.RESOLVED, AlertState.PENDING)
    ids = []
    for at, state in enumerate((*order, AlertState.FIRING)):
        place.clock.forward(HOUR)
        async with store.write() as unit:
            ids.append(await fire(unit, model.id, f"m{at}", state))
    async with store.read() as unit:
        found = await unit.views.chosen_alerts(AlertChoice(), 0, 10)
        second = await unit.views.chosen_alerts(AlertChoice(), 1, 2)
    assert [one.id for one in found] == [ids[4], ids[1], ids[3], ids[2], ids[0]]
    assert list(second) == list(found[1:3])


async def test_alerts_are_chosen_by_all_that_they_have(store: SqlStore) -> None:
    model = await declared(store)
    await declared(store, "other")
    async with store.write() as unit:
        for monitor in ("default", TRAFFIC_MONITOR, RETRAINING_MONITOR):
            await fire(unit, model.id, monitor, AlertState.FIRING)
    by = {
        AlertChoice(model="flights"): 3,
        AlertChoice(model="other"): 0,
        AlertChoice(state="pending"): 0,
        AlertChoice(monitor="default"): 1,
        AlertChoice(version="x"): 0,
        AlertChoice(severity=Severity.P1): 1,
        AlertChoice(severity=Severity.P2): 1,
        AlertChoice(severity=Severity.P3): 0,
        AlertChoice(severity=Severity.P4): 1,
    }
    async with store.read() as unit:
        for chosen, count in by.items():
            found = await unit.views.chosen_alerts(chosen, 0, 10)
            assert len(found) == count, chosen
            if chosen.severity:
                assert {one.severity for one in found} <= {chosen.severity}
    async with store.write() as unit:
        milder = replace(model.settings, severities=Severities(traffic=Severity.P3))
        await unit.models.declare(model.name, milder, None)
    async with store.read() as unit:
        for severity, monitors in (
            (Severity.P1, []),
            (Severity.P3, [TRAFFIC_MONITOR]),
            (Severity.P4, [RETRAINING_MONITOR]),
        ):
            found = await unit.views.chosen_alerts(AlertChoice(severity=severity), 0, 10)
            assert [(one.monitor, one.severity) for one in found] == [
                (monitor, severity) for monitor in monitors
            ]


async def test_steps_are_read_in_parts(store: SqlStore) -> None:
    model = await declared(store)
    async with store.write() as unit:
        alert = await fire(unit, model.id, "default", *[AlertState.FIRING] * 5)
    async with store.read() as unit:
        first = await unit.views.alert_steps(alert, None, 2)
        rest = await unit.views.alert_steps(alert, first[-1].window, 10)
        assert await unit.views.alert_steps(alert + 1, None, 10) == []
    assert [step.revision for step in (*first, *rest)] == [5, 4, 3, 2, 1]


async def test_deliveries_are_chosen_and_counted(store: SqlStore) -> None:
    async with store.write() as unit:
        for number, subject in enumerate(("m/v/default", "m/v/other")):
            event = Event(f"evt_{number}", FIRING, subject, NOW, f"a/{number}", b'{"n":1}')
            made = await unit.outbox.add(event, ["a", "b"])
        await unit.outbox.record(made[0], answered(), Next(DeliveryState.DEAD, None))
    by = {
        DeliveryChoice(): [4, 3, 2, 1],
        DeliveryChoice(target="b"): [4, 2],
        DeliveryChoice(state="dead"): [3],
        DeliveryChoice(about="m/v/default"): [2, 1],
        DeliveryChoice(event="evt_1", target="a"): [3],
        DeliveryChoice(about="m/v"): [],
    }
    async with store.read() as unit:
        for chosen, ids in by.items():
            found = await unit.views.chosen_deliveries(chosen, None, 10)
            assert [one.id for one in found] == ids, chosen
        assert [d.id for d in await unit.views.chosen_deliveries(DeliveryChoice(), 3, 1)] == [2]
        assert await unit.views.delivery_states() == {"pending": 3, "dead": 1}
        assert await unit.views.event_body("evt_1") == b'{"n":1}'
        assert await unit.views.event_body("evt_9") is None


async def test_each_source_has_sums_of_its_own(store: SqlStore) -> None:
    model = await declared(store)
    grid_set = await active(store, model)
    for number, source in enumerate(("a", "b", "a")):
        await store.commit([batch(model, grid_set, f"k{number}", pane(), source=source)])
    async with store.read() as unit:
        first, second = await unit.views.source_tallies([model.id])
        assert await unit.views.source_tallies([model.id + 1]) == []
        assert (await unit.views.intake_total())["received"] == 30
    assert (first.source, first.received, first.counted, first.batches) == ("a", 20, 20, 2)
    assert (second.source, second.received, second.latest_event is not None) == ("b", 10, True)


async def test_what_fires_is_known_of_every_monitor_the_gravest_first(store: SqlStore) -> None:
    model = await declared(store)
    async with store.write() as unit:
        for monitor in ("default", TRAFFIC_MONITOR):
            await fire(unit, model.id, monitor, AlertState.FIRING)
        await fire(unit, model.id, "calm", AlertState.INACTIVE)
    async with store.read() as unit:
        found = await unit.views.firing()
    assert [(one.model, one.monitor, one.severity, one.alerts) for one in found] == [
        ("flights", TRAFFIC_MONITOR, Severity.P1, 1),
        ("flights", "default", Severity.P2, 1),
    ]


async def test_what_was_said_last_comes_first(store: SqlStore, place: Place) -> None:
    model = await declared(store)
    for number, source in enumerate(("a", "b")):
        place.clock.forward(HOUR)
        async with store.write() as unit:
            beat = Heartbeat("default", source, NINE, NINE + HOUR, 10 + number)
            await unit.heartbeats.put(model.id, beat)
    async with store.read() as unit:
        found = await unit.views.beats(model.id, 10)
        assert len(await unit.views.beats(model.id, 1)) == 1
    assert found[0] == Beat("default", "b", NINE, NINE + HOUR, 11, place.clock.now)
    assert [one.source for one in found] == ["b", "a"]


@pytest.mark.parametrize("skip", [0, 1])
async def test_an_empty_place_has_nothing(store: SqlStore, skip: int) -> None:
    async with store.read() as unit:
        assert await unit.views.chosen_alerts(AlertChoice(), skip, 5) == []
        assert await unit.views.delivery_states() == {}
        assert await unit.views.source_tallies([1]) == []
        assert await unit.views.intake_ranks() == []
        assert set((await unit.views.intake_total()).values()) == {0}


FIRES, OVER, QUIET = AlertState.FIRING, AlertState.RESOLVED, AlertState.INACTIVE


@pytest.mark.parametrize(
    ("states", "began", "ended"),
    [
        ((QUIET, FIRES, FIRES, OVER, OVER), 1, 3),
        # only the last time that it fired
        ((FIRES, OVER, FIRES, FIRES, FIRES, OVER), 2, 5),
        # from here on nothing is known of before
        ((OVER, OVER), None, 0),
    ],
)
async def test_what_is_over_says_when_it_fired(
    store: SqlStore, states: tuple[AlertState, ...], began: int | None, ended: int
) -> None:
    model = await declared(store)
    async with store.write() as unit:
        id_ = await _live(unit, model.id, states)
    assert await _episode(store, id_) == Episode(
        None if began is None else NINE + HOUR * began, NINE + HOUR * ended
    )


async def test_what_was_ended_from_outside_says_when_it_fired(store: SqlStore) -> None:
    model = await declared(store)
    async with store.write() as unit:
        id_ = await _live(unit, model.id, (OVER, FIRES, FIRES, FIRES))
    assert await _episode(store, id_) is None
    async with store.write() as unit:
        await unit.alerts.resolve(id_, "not_champion")
    assert await _episode(store, id_) == Episode(NINE + HOUR, NINE + HOUR * 3)


async def test_what_an_earlier_release_ended_from_outside_says_when_it_fired(
    store: SqlStore,
) -> None:
    """It kept as its since that of its firing."""
    model = await declared(store)
    async with store.write() as unit:
        id_ = await fire(unit, model.id, "m", FIRES, FIRES, OVER)
    assert await _episode(store, id_) == Episode(NINE, NINE + HOUR * 2)


async def _live(unit: Unit, model: int, states: tuple[AlertState, ...]) -> int:
    """Let an alert go through states, window by window; its id."""
    steps: list[Step] = []
    for at, state in enumerate(states):
        start = NINE + HOUR * at
        same = steps and steps[-1].state is state
        steps.append(Step(start, 1, state, Why.QUIET, 0, steps[-1].since if same else start))
    return await unit.alerts.replace(AlertKey(model, "default", "", "m", NINE), steps, ())


async def _episode(store: SqlStore, id_: int) -> Episode | None:
    async with store.read() as unit:
        alerts = await unit.views.chosen_alerts(AlertChoice(monitor="m"), 0, 10)
        return (await unit.views.episodes(alerts)).get(id_)
