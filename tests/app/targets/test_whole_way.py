"""From rows to people: alerts as they are really made, at receivers that know one from another."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from app.domain.alerts.alert import Change
from app.domain.alerts.delivery import Target
from app.egress import guarded_client
from app.steps.declare import remove_model
from app.steps.deliver import deliver_once
from app.store import SqlStore
from app.targets import TARGETS, Reach, RegistrySender, Secrets
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world
from tests.app.targets.exchange import LOOPBACK, SECRETS, Spoken
from tests.app.targets.fake_alarms import Alertmanager, PagerDuty, Slack
from tests.app.targets.fake_runs import BEARER, Airflow
from tests.app.targets.specimens import SPECIMENS
from tests.receivers import receiving


class Stage:
    """A world with a receiver of each sort, and a sender that reaches them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pagerduty, self.slack = PagerDuty(), Slack()
        self.alertmanager, self.airflow = Alertmanager(BEARER), Airflow()
        self.sender: RegistrySender

    async def deliver(self) -> set[str]:
        """Deliver all that is due; the targets that were told."""
        told: set[str] = set()
        while done := await deliver_once(self.world.store, self.sender):
            assert [one.attempt.error for one in done] == [None] * len(done)
            told |= {one.claimed.target.name for one in done}
        return told

    async def hours(self, *shifts: float) -> list[Change]:
        changes: list[Change] = []
        for hour, shift in enumerate(shifts):
            await self.world.send(START + hour * HOUR, shift=shift, seed=hour)
            for closed in await self.world.close():
                changes += [one.change for one in closed.announced]
            await self.deliver()
        return changes


@pytest.fixture
async def stage(store: SqlStore, place: Place) -> AsyncIterator[Stage]:
    async with world(store, place.clock) as made, AsyncExitStack() as stack:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        found = Stage(made)
        for kind in ("pagerduty", "slack", "alertmanager", "airflow"):
            spoken = Spoken(getattr(found, kind))
            receiver = await stack.enter_async_context(receiving(spoken))
            options = SPECIMENS[kind].options(receiver.url)
            async with store.write() as unit:
                takes = TARGETS[kind].takes
                await unit.targets.put(Target(kind, kind, options, takes=takes))
        client = guarded_client(LOOPBACK, user_agent="leeway/9.9")
        reach = Reach(await stack.enter_async_context(client), Secrets(SECRETS))
        found.sender = RegistrySender(TARGETS, reach)
        yield found


async def test_what_fires_is_paged_and_what_resolves_is_closed(stage: Stage) -> None:
    assert await stage.hours(0.0, 2.0, 2.0) == [Change.FIRING]
    assert len(stage.pagerduty.open) == 1
    assert stage.alertmanager.active(stage.world.clock.now) == 1
    assert stage.slack.told[0]["text"] == "[P2] m (version default): default is firing: x"
    payload = stage.pagerduty.events[0]["payload"]
    assert (payload["severity"], payload["component"]) == ("error", "default")


async def test_an_alert_that_resolves_closes_what_it_opened(stage: Stage) -> None:
    hours = await stage.hours(0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0)
    assert hours == [Change.FIRING, Change.RESOLVED]
    assert stage.pagerduty.open == set()
    assert [event["event_action"] for event in stage.pagerduty.events] == ["trigger", "resolve"]
    assert stage.alertmanager.active(stage.world.clock.now) == 0
    assert len(stage.slack.told) == 2
    assert stage.airflow.runs == {}


async def test_a_model_that_is_deleted_closes_its_incident(stage: Stage) -> None:
    await stage.hours(0.0, 2.0, 2.0)
    await remove_model(stage.world.store, "/test", MODEL)
    assert await stage.deliver() == {"pagerduty", "slack", "alertmanager"}
    assert stage.pagerduty.open == set()
    assert stage.alertmanager.active(stage.world.clock.now) == 0
