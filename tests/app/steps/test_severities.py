"""How grave it is that traffic stops, or a retraining fails, is the model's to say."""

import json
from datetime import timedelta

from app.domain.alerts.delivery import Target
from app.domain.monitors.monitor import Severities, Severity
from app.domain.retrainings.retraining import Signal
from app.domain.telling.reports import AlertSummary
from app.steps.declare import remove_model
from app.steps.watch_traffic import TrafficWatch
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.orchestra import OTHER, SOURCE, loop
from tests.app.steps.world import MODEL, START, world

MINUTE = timedelta(minutes=1)
SAID = Severities(traffic=Severity.P3, retraining=Severity.P2)


async def alerts(store: SqlStore) -> dict[str, AlertSummary]:
    async with store.read() as unit:
        return {one.monitor: one for one in await unit.views.alerts(None, None, 0, 9)}


async def told(store: SqlStore) -> list[tuple[str, str]]:
    """Each event that is due, with its severity."""
    async with store.write() as unit:
        claimed = await unit.outbox.claim(9, MINUTE)
    return [(one.target.name, json.loads(one.body)["data"]["severity"]) for one in claimed]


async def test_a_silence_and_its_end(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as w:
        limit = timedelta(minutes=30)
        await w.declare(maximum_silence=limit, severities=SAID)
        await w.reference()
        watch = TrafficWatch(store, SOURCE)
        async with store.write() as unit:
            for name, severities in (("hook", None), ("night", frozenset({Severity.P1}))):
                options = {"url": "https://example.com/"}
                await unit.targets.put(Target(name, "webhook", options, severities=severities))
        for seed in range(2):
            await w.send(START, seed=seed)
            place.clock.forward(MINUTE)
            await watch.once()
        for _ in range(35):
            place.clock.forward(MINUTE)
            await watch.once()
        assert await told(store) == [("hook", "P3")]
        assert (await alerts(store))["traffic"].severity is Severity.P3
        await remove_model(store, SOURCE, MODEL)
        place.clock.forward(2 * MINUTE)
        assert ("hook", "P3") in await told(store)


async def test_a_retraining_that_fails(store: SqlStore, place: Place) -> None:
    async with loop(store, place.clock) as made:
        await made.w.declare(severities=SAID)
        await made.drift()
        await made.say(Signal.FAILED)
        await made.deliver()
        heard = [data for name, _, data in made.orchestrator.got if name == OTHER]
        assert [data["severity"] for data in heard if data["monitor"] == "retraining"] == ["P2"]
        assert (await alerts(store))["retraining"].severity is Severity.P2
