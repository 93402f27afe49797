"""Whatever happens in whatever order: one run an episode, one in flight, one request for each.

An episode lasts as long as anything fires, whichever monitors take turns in it.
"""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain.alerts import alert
from app.domain.alerts.alert import AlertKey, AlertState, Look, Reason, Step
from app.domain.alerts.delivery import Attempt, Claimed, Target, after
from app.domain.alerts.event import RETRAINING, rfc3339
from app.domain.alerts.group import GroupKey
from app.domain.errors import LeewayError
from app.domain.model import WHOLE, Model, Settings
from app.domain.monitors.monitor import RETRAINING_MONITOR, default_monitor
from app.domain.retrainings.policy import Held, Policy, Wish
from app.domain.retrainings.retraining import BROKEN, IN_FLIGHT, Origin, Said, Signal, State
from app.ports import Unit
from app.steps.ask_retraining import Asked, Retrainer
from app.steps.deliver import Delivered
from app.steps.retrain import Word, hear_delivery, heard
from app.steps.watch_retrainings import RetrainingWatch
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Hands, Place
from tests.app.steps.orchestra import SOURCE, TARGET, Orchestrator

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NONE = timedelta(0)
NAMES = itertools.count(1)
MONITORS = ("default", "second")
SAYABLE = [s for s in Signal if s not in (Signal.DEADLINE, Signal.ACCEPTED, Signal.UNDELIVERABLE)]


class Killed(Exception):
    """The process ended here: nothing of the transaction is left."""


@dataclass
class Fleet:
    """Replicas on one database, and one model of theirs."""

    stores: list[SqlStore]
    clock: Hands
    model: Model
    flew: dict[str, bool] = field(default_factory=dict)
    spells: int = 0
    """How often it was seen that nothing fires."""
    asked: dict[str, int] = field(default_factory=dict)
    """For each run that drift asked for, in which spell that was."""

    def key(self, monitor: str) -> AlertKey:
        return AlertKey(self.model.id, "v1", WHOLE, monitor, self.clock.now)

    async def at_once(
        self, work: Callable[[Unit], Awaitable[Any]], *, replicas: int = 1, kill: bool = False
    ) -> None:
        """Do the same in a transaction of each replica, which may die before it commits."""

        async def one(store: SqlStore) -> None:
            async with store.write() as unit:
                await work(unit)
                if kill:
                    raise Killed

        many = [self.stores[i % len(self.stores)] for i in range(replicas)]
        for outcome in await asyncio.gather(*map(one, many), return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, LeewayError | Killed):
                raise outcome

    async def fire(self, unit: Unit, name: str = "default") -> None:
        """What closing a window does when a monitor's alert begins to fire."""
        was = await unit.alerts.present(self.key(name))
        fires = was is not None and was.state is AlertState.FIRING
        since = self.clock.now
        step = Step(since, 1, AlertState.FIRING, Reason.EVIDENCE, 0, since)
        alert_id = await unit.alerts.replace(self.key(name), [step], ("x",))
        if not fires:
            data = {"version": "v1", "monitor": name, "severity": "P2", "since": rfc3339(since)}
            data |= {"features": [{"feature": "x"}]}
            monitor = replace(default_monitor(HOUR), name=name)
            await Retrainer(SOURCE).on_firing(unit, self.model, monitor, alert_id, data)

    async def calm(self, unit: Unit, name: str = "default") -> None:
        step = Step(self.clock.now, 1, AlertState.RESOLVED, Reason.CLEARED, 0, self.clock.now)
        await unit.alerts.replace(self.key(name), [step], ())
        await unit.retrainings.leave(GroupKey(self.model.id, "v1", name))

    async def runs(self) -> list[Any]:
        async with self.stores[0].read() as unit:
            rows = await unit.session.connection.execute(  # type: ignore[attr-defined]
                select(t.retraining)
                .where(t.retraining.c.model_id == self.model.id)
                .order_by(t.retraining.c.id)
            )
            return list(rows)

    async def check(self) -> None:
        """The laws."""
        runs = await self.runs()
        assert sum(run.state in IN_FLIGHT for run in runs) <= 1, "two in flight"
        assert max(Counter(run.episode for run in runs).values(), default=1) == 1, "asked twice"
        async with self.stores[0].read() as unit:
            connection = unit.session.connection  # type: ignore[attr-defined]
            deliveries = await connection.execute(
                select(t.delivery.c.event_id, t.delivery.c.target).where(
                    t.delivery.c.event_id.in_([f"evt_{run.name}" for run in runs])
                )
            )
            key = AlertKey(self.model.id, "*", WHOLE, RETRAINING_MONITOR, self.clock.now)
            told = await unit.alerts.present(key)
            firing = [await unit.alerts.present(self.key(name)) for name in MONITORS]
        self.spells += all(one is None or one.state is not AlertState.FIRING for one in firing)
        for run in runs:
            if run.cause == "drift":
                self.asked.setdefault(run.name, self.spells)
        spells = Counter(self.asked.values())
        assert max(spells.values(), default=1) == 1, "asked twice while something fired"
        assert sorted(row.event_id for row in deliveries) == sorted(f"evt_{r.name}" for r in runs)
        spoken = [run for run in runs if run.state not in IN_FLIGHT]
        if runs and spoken and runs[-1] is spoken[-1]:
            fires = told is not None and told.state is AlertState.FIRING
            assert fires == (State(runs[-1].state) in BROKEN), "P4 says what the last run came to"
        for run in runs:
            over = run.state not in IN_FLIGHT
            assert over or not self.flew.get(run.name, False), "a run that was over flies again"
            self.flew[run.name] = over


@pytest.fixture
async def stores(place: Place, store: SqlStore) -> AsyncIterator[list[SqlStore]]:
    """Two replicas on PostgreSQL; SQLite serves one process."""
    if not place.is_postgres:
        yield [store]
        return
    second = SqlStore(place.url, clock=place.clock)
    yield [store, second]
    await second.close()


async def fleet(stores: list[SqlStore], clock: Hands, **policy: object) -> Fleet:
    async with stores[0].write() as unit:
        await unit.targets.put(Target(TARGET, "webhook", {}))
        model, _ = await unit.models.declare(f"m{next(NAMES)}", Settings(), None)
        await unit.models.ensure_version(model.id, "v1")
        declared = Policy(TARGET, **policy)  # type: ignore[arg-type]
        await unit.retrainings.put_policy(model.id, declared)
    return Fleet(stores, clock, model)


@dataclass(frozen=True)
class Act:
    """Something that happens: to which run, by how many replicas, dying or not, after a while."""

    kind: str
    signal: Signal = Signal.RUNNING
    run: int = 0
    replicas: int = 1
    kill: bool = False
    minutes: int = 0


ENDS = Act("say", Signal.REJECTED)
ACTS = st.builds(
    Act,
    kind=st.sampled_from(["fire", "fire", "calm", "hand", "say", "say", "deliver", "look"]),
    signal=st.sampled_from(SAYABLE),
    run=st.integers(0, 3),
    replicas=st.integers(1, 2),
    kill=st.sampled_from([False, False, False, True]),
    minutes=st.sampled_from([0, 0, 10, 60, 400, 1_500]),
)


async def happen(fleet: Fleet, act: Act) -> None:
    fleet.clock.forward(timedelta(minutes=act.minutes))
    if act.kind in ("fire", "calm"):
        name = MONITORS[act.run % len(MONITORS)]
        happens = partial(getattr(fleet, act.kind), name=name)
        await fleet.at_once(happens, replicas=act.replicas, kill=act.kill)
        return
    if act.kind == "look":
        watches = [RetrainingWatch(s, Retrainer(SOURCE), Orchestrator()) for s in fleet.stores]
        await asyncio.gather(*(watch.once() for watch in watches))
        return
    if act.kind == "hand":
        asking = [Retrainer(SOURCE).by_hand(s, fleet.model.name, "why", None) for s in fleet.stores]
        await asyncio.gather(*asking, return_exceptions=True)
        return
    runs = await fleet.runs()
    if runs:
        id_ = runs[-1 - act.run % len(runs)].name
        tell = delivery(fleet, id_, act) if act.kind == "deliver" else word(id_, act)
        await fleet.at_once(tell, replicas=act.replicas, kill=act.kill)


def word(id_: str, act: Act) -> Callable[[Unit], Awaitable[Any]]:
    said = Said(version=f"v{act.run + 2}")
    return lambda unit: heard(unit, SOURCE, id_, Word(act.signal, Origin.CALLBACK, said))


def delivery(fleet: Fleet, id_: str, act: Act) -> Callable[[Unit], Awaitable[Any]]:
    """A try to deliver: taken, refused for now, or refused for good."""
    claimed = Claimed(0, f"evt_{id_}", RETRAINING, b"", Target(TARGET, "webhook", {}), 0)
    status = (202, 202, 503, 410)[act.run]
    error = None if status == 202 else "refused"
    attempt = Attempt(fleet.clock.now, status, error, timedelta(0))
    done = Delivered(claimed, attempt, after(attempt, 1, 0.0))
    return lambda unit: hear_delivery(SOURCE, unit, done)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink an example takes minutes
)
@example(cooldown=NONE, acts=[Act("fire"), ENDS, Act("fire", run=1), Act("look")])
@example(cooldown=DAY, acts=[Act("fire"), ENDS, Act("fire", run=1), Act("look", minutes=1_500)])
@example(cooldown=NONE, acts=[Act("fire"), Act("fire", run=1), ENDS, Act("calm"), Act("look")])
@given(cooldown=st.sampled_from([NONE, DAY]), acts=st.lists(ACTS, min_size=5, max_size=25))
async def test_the_laws_hold_whatever_happens(
    stores: list[SqlStore], place: Place, cooldown: timedelta, acts: list[Act]
) -> None:
    """Words lost, repeated, late and reordered; two replicas; processes that die on the way."""
    made = await fleet(stores, place.clock, maximum_age=2 * DAY, cooldown=cooldown)
    for act in acts:
        await happen(made, act)
        await made.check()


async def test_flapping_around_the_threshold_for_500_windows(
    stores: list[SqlStore], place: Place
) -> None:
    """One run for each firing at most, and by the cooldown no more than one a day."""
    made = await fleet(stores, place.clock)
    draw, monitor = random.Random(5), default_monitor(HOUR)
    before: Step | None = None
    began, firings = place.clock.now, 0
    for _ in range(500):
        place.clock.forward(HOUR)
        look = Look(place.clock.now, 1, draw.random() < 0.4)
        now = alert.step(before, look, monitor)
        change = alert.change(before.state if before else None, now.state)
        before = now
        if change is not None:
            firings += change is alert.Change.FIRING
            happened = made.fire if change is alert.Change.FIRING else made.calm
            await made.at_once(happened, replicas=2)
            await made.check()
            runs = await made.runs()
            if runs and runs[-1].state in IN_FLIGHT:
                ended = Act("say", draw.choice([Signal.FAILED, Signal.SUCCEEDED]))
                await made.at_once(word(runs[-1].name, ended), replicas=2)
    await made.check()
    asked = len(await made.runs())
    days = (place.clock.now - began) / timedelta(days=1)
    assert firings > 60, "it flapped"
    assert 10 < asked <= days + 1


@dataclass(frozen=True, slots=True)
class Together(Retrainer):
    """Asks at the same moment as others."""

    together: asyncio.Barrier = field(kw_only=True)

    async def ask(self, unit: Unit, model: Model, wish: Wish, origin: Origin) -> Asked | Held:
        await self.together.wait()
        return await Retrainer.ask(self, unit, model, wish, origin)


@pytest.mark.parametrize("index", ["there", "dropped"])
async def test_the_database_itself_holds_the_law(
    stores: list[SqlStore], place: Place, index: str
) -> None:
    """Two replicas that both saw nothing in flight: without the index the law is broken."""
    if not place.is_postgres:
        pytest.skip("on SQLite only one transaction writes at a time")
    made = await fleet(stores, place.clock)
    if index == "dropped":
        async with stores[0].write() as unit:
            await unit.session.connection.exec_driver_sql(  # type: ignore[attr-defined]
                "drop index uq_retraining_in_flight"
            )
    together = asyncio.Barrier(2)

    async def replica(store: SqlStore, name: str) -> None:
        async with store.write() as unit:
            step = Step(place.clock.now, 1, AlertState.FIRING, Reason.EVIDENCE, 0, place.clock.now)
            key = AlertKey(made.model.id, "v1", WHOLE, name, place.clock.now)
            alert_id = await unit.alerts.replace(key, [step], ())
            data = {"version": "v1", "monitor": name, "severity": "P2", "features": []}
            data |= {"since": rfc3339(place.clock.now)}
            monitor = replace(default_monitor(HOUR), name=name)
            await Together(SOURCE, together=together).on_firing(
                unit, made.model, monitor, alert_id, data
            )

    await asyncio.gather(*map(replica, stores, ("one", "two")))
    if index == "there":
        await made.check()
        assert len(await made.runs()) == 1
    else:
        with pytest.raises(AssertionError, match="two in flight"):
            await made.check()
