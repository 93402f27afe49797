"""The loop, with a kill at each boundary in turn: before a commit, after it, around a send.

A story is told once undisturbed, and then once for each boundary that it passed: there the process
dies, all of its memory is gone, and another one goes on. In the end nothing may tell them apart.
"""

import asyncio
import contextlib
import shutil
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.alerts.delivery import Claimed, DeliveryState, after
from app.domain.errors import Conflict, LeewayError
from app.domain.retrainings.policy import Policy
from app.domain.retrainings.retraining import Origin, Said, Signal, State
from app.steps.ask_retraining import Retrainer
from app.steps.declare_retraining import declare_retraining
from app.steps.deliver import Delivered, Deliverer
from app.steps.register import register
from app.steps.retrain import Word, hear, hear_delivery
from app.steps.watch_retrainings import RetrainingWatch
from app.store import SqlStore, sqlite_url
from app.store import tables as t
from tests import conserved, postgres
from tests.app.conftest import Hands, Place
from tests.app.steps.mortal import Fate, Killed, Mortal, Renaming, Trainer, Wire, sends
from tests.app.steps.orchestra import SOURCE, TARGET, calm, loop
from tests.app.steps.world import HOUR, MODEL, START, World, rows, world

MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=2)
ROUNDS = 60
FEW = 2
APART = 7
"""More boundaries than one piece of work has: whoever dies so often gets on all the same."""
QUIET = 2
Ending = dict[str, Any]
Task = Callable[["Life"], Awaitable[Any]]


@dataclass
class Story:
    """What goes on outside of the process: clients with work to do, and an orchestrator."""

    clock: Hands
    trainer: Trainer
    wire: type[Wire] = Wire
    deliverer: type[Deliverer] = Deliverer
    clients: list[deque[Task]] = field(default_factory=list)
    """Each does one thing after the other, and each again until it was answered."""
    heard_of: set[str] = field(default_factory=set)

    def listen(self) -> None:
        """Have each run that was started take its course."""
        for run in self.trainer.starts:
            if run["id"] not in self.heard_of:
                self.heard_of.add(run["id"])
                self.clients.append(deque(words(run)))
        episodes = Counter(run["episode"] for run in self.trainer.starts)
        assert max(episodes.values(), default=1) == 1, "an episode was asked for twice"


def words(run: Mapping[str, Any]) -> Iterator[Task]:
    """What is said of a run; one by hand makes nothing better, one for drift a new version."""
    say = partial(Life.say, id_=run["id"])
    if run["cause"] == "manual":
        yield partial(say, signal=Signal.RUNNING)
        yield Life.until_drift_waits
        yield partial(say, signal=Signal.REJECTED)
        return
    yield partial(Life.until_it_is, id_=run["id"], state=State.SUCCEEDED)
    yield lambda life: register(life.store, life.w.pool, MODEL, rows(START, 900, 3.0, 9), "v2")
    yield partial(say, signal=Signal.PROMOTED, version="v2")


def traffic() -> deque[Task]:
    return deque(
        [
            lambda life: life.w.send(START, "moved", shift=3.0, seed=2),
            lambda life: life.w.send(START + HOUR, "next", count=FEW),
        ]
    )


async def by_hand(life: "Life") -> None:
    await Retrainer(SOURCE).by_hand(life.store, MODEL, "new labels", "key-1")


@dataclass
class Life:
    """One process, from its start to its end."""

    story: Story
    fate: Fate
    store: Mortal
    w: World

    async def say(self, id_: str, signal: Signal, **said: Any) -> None:
        await hear(self.store, SOURCE, id_, Word(signal, Origin.CALLBACK, Said(**said)))

    async def until_drift_waits(self) -> None:
        async with self.store.read() as unit:
            if not await unit.retrainings.waiting():
                raise Conflict("not yet")

    async def until_it_is(self, id_: str, state: State) -> None:
        async with self.store.read() as unit:
            run = await unit.retrainings.get(id_)
        if run is None or run.state is not state:
            raise Conflict("not yet")

    async def work(self) -> None:
        """Do rounds of all that the service does, until nothing is left to do."""
        wire = self.story.wire(self.fate, self.story.trainer)
        told = partial(hear_delivery, SOURCE)
        deliverer = self.story.deliverer(self.store, sends(wire), jitter=calm, tell=told)
        watch = RetrainingWatch(self.store, Retrainer(SOURCE), wire)
        idle = 0
        try:
            for _ in range(ROUNDS):
                idle = 0 if await self._round(deliverer, watch) else idle + 1
                if idle == QUIET:
                    return
        finally:
            with contextlib.suppress(Killed):  # what is under way dies at its next boundary
                await deliverer.drain()
            await deliverer.stop()
        raise AssertionError("it does not come to rest")

    async def _round(self, deliverer: Deliverer, watch: RetrainingWatch) -> bool:
        self.story.listen()
        busy = await self._clients()
        self.fate.doing = "close"
        busy |= bool(await self.w.close())
        self.fate.doing = "deliver"
        while await deliverer.once() or await deliverer.drain():
            busy = True
        self.fate.doing = "watch"
        busy |= bool(await watch.once())
        self.story.clock.forward(MINUTE)
        return busy

    async def _clients(self) -> bool:
        busy = False
        for number, tasks in enumerate(self.story.clients):
            self.fate.doing, self.fate.asked = f"client {number}", True
            if tasks:
                busy = True
                with contextlib.suppress(LeewayError):  # not yet: asked again in the next round
                    await tasks[0](self)
                    tasks.popleft()
        self.fate.asked = False
        return busy


async def told(url: str, story: Story, fate: Fate) -> Ending:
    """Tell a story to its end, with another process where one dies; how things stand then."""
    while (ending := await live(url, story, fate)) is None:
        fate.dead = fate.asked = False
        story.clock.forward(LEASE)
    return ending


async def live(url: str, story: Story, fate: Fate) -> Ending | None:
    """Let a process work until it is done, or dead."""
    store = Mortal(url, story.clock, fate)
    try:
        async with world(store, story.clock) as w:
            working = asyncio.create_task(Life(story, fate, store, w).work())
            while not working.done() and not fate.dead:
                await asyncio.wait({working}, timeout=0.005)
            # whoever awaits the answer of a writer that is dead would wait for ever
            await asyncio.wait({working}, timeout=0.2)
            working.cancel()
            try:
                await working
            except (Killed, asyncio.CancelledError):
                return None
            return await ending(store, story)
    finally:
        await store.close()


async def ending(store: SqlStore, story: Story) -> Ending:
    await conserved.check(store)
    async with store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        versions = await unit.models.versions(model.id)
        runs = await unit.retrainings.page(None, None, None, 100)
        alerts = await unit.views.alerts(None, None, 0, 100)
        connection = unit.session.connection  # type: ignore[attr-defined]
        events = (await connection.execute(select(t.event.c.id, t.event.c.type))).all()
        sent = (await connection.execute(select(t.delivery.c.target, t.delivery.c.state))).all()
        # an hour of silence closes the one that has hardly begun: where lives are lost, earlier
        whole = select(t.revision.c.number, t.revision.c.rows).where(t.revision.c.rows > FEW)
        judged = (await connection.execute(whole)).all()
    asked = [f"evt_{run['id']}" for run in story.trainer.starts]
    assert set(asked) <= {event.id for event in events}, "a run that nobody asked for"
    assert len(asked) == len(runs), "each run was asked for once"
    assert all(len(bodies) == 1 for bodies in story.trainer.bodies.values()), "two bodies"
    assert {row.state for row in sent} <= {DeliveryState.DELIVERED, DeliveryState.SUPERSEDED}
    return {
        "runs": [(r.cause, r.state, r.challenger, r.baseline) for r in runs],
        "model": (model.active_baseline, sorted((v.name, v.role) for v in versions)),
        "alerts": sorted((a.monitor, a.state, a.reason) for a in alerts),
        "events": Counter(event.type for event in events),
        "heard": sorted({(target, kind) for target, kind, _ in story.trainer.got}),
        "windows": sorted((row.number, row.rows) for row in judged),
    }


@dataclass(frozen=True)
class Armed:
    """A database with a model, its reference, its policy and its targets, to be copied."""

    url: str
    folder: Path
    server: postgres.Server | None
    clock: Hands

    @contextlib.contextmanager
    def copied(self, number: int) -> Iterator[str]:
        if self.server is not None:
            url = self.server.create(self.url.rsplit("/", 1)[1])
            yield url
            self.server.drop(url)
            return
        folder = self.folder / str(number)
        folder.mkdir()
        shutil.copy(self.folder / "leeway.db", folder / "leeway.db")
        yield sqlite_url(folder)
        shutil.rmtree(folder)


@pytest.fixture
async def armed(place: Place, tmp_path: Path, request: pytest.FixtureRequest) -> Armed:
    store = SqlStore(place.url, clock=place.clock)
    async with loop(store, place.clock) as made:
        policy = Policy(TARGET, cooldown=timedelta(0))
        await declare_retraining(made.store, MODEL, policy)
    await store.close()
    server = request.getfixturevalue("postgres_server") if place.is_postgres else None
    return Armed(place.url, tmp_path, server, place.clock)


def begun(armed: Armed, **parts: Any) -> Story:
    """Somebody asks for a run, and while it is in flight there is drift."""
    story = Story(Hands(armed.clock.now), Trainer(), **parts)
    story.clients = [deque([by_hand]), traffic()]
    return story


async def undisturbed(armed: Armed, **parts: Any) -> tuple[Ending, list[str]]:
    """Tell the story without a kill; how it ends, and the boundaries that it passed."""
    fate = Fate()
    with armed.copied(0) as url:
        return await told(url, begun(armed, **parts), fate), fate.passed


def kills(armed: Armed, boundaries: int) -> Iterator[Container[int]]:
    """Each boundary alone; on PostgreSQL, to save time, each with others that lie apart from it."""
    if armed.server is None:
        yield from ({at} for at in range(1, boundaries + 1))
    else:
        yield from (range(at, 1_000, APART) for at in range(1, APART + 1))


async def test_a_kill_between_any_two_steps_leaves_no_trace(armed: Armed) -> None:
    """A run that a person wanted holds back that for drift, which is granted, polled, promoted."""
    expected, passed = await undisturbed(armed)
    for number, at in enumerate(kills(armed, len(passed)), 1):
        fate = Fate(at)
        with armed.copied(number) as url:
            assert await told(url, begun(armed), fate) == expected, f"{at} of {fate.passed}"
    effects = Counter(passed)
    assert effects["close: before its commit"] >= 1, "the alert fires; its wish waits"
    assert effects["deliver: before a try"] >= 4, "both requests, the alert, and its end"
    assert effects["watch: before a poll"] >= 2, "it runs; it has succeeded"
    assert effects["watch: before its commit"] >= 5, "the wish, polls claimed, what they said"
    answers = sum(times for name, times in effects.items() if name.endswith("the answer"))
    assert answers >= 5, "by hand; running, rejected; the reference; promoted"


class Boastful(Deliverer):
    """Records that it has sent before it sends."""

    async def _deliver(self, claimed: Claimed, now: Any) -> Delivered:
        attempt = await Trainer().send(claimed, now)
        done = Delivered(claimed, attempt, after(attempt, claimed.tries + 1, 0.0))
        async with self.store.write() as unit:
            assert self.tell is not None
            await self.tell(unit, done)
            await unit.outbox.record(claimed.id, attempt, done.outcome)
        await self.sender.send(claimed, now)
        return done


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        ({"deliverer": Boastful}, "each run was asked for once"),
        ({"wire": Renaming}, "an episode was asked for twice"),
    ],
    ids=["records before it sends", "asks under another id at every try"],
)
async def test_it_is_seen_of_a_service_that(armed: Armed, parts: dict[str, Any], seen: str) -> None:
    if armed.server is not None:
        pytest.skip("what it does wrong is no matter of the database")
    with pytest.raises(AssertionError, match=seen):
        await killed_while_delivering(armed, parts)


async def killed_while_delivering(armed: Armed, parts: dict[str, Any]) -> None:
    _, passed = await undisturbed(armed, **parts)
    for at, boundary in enumerate(passed, 1):
        if boundary.startswith("deliver"):
            with armed.copied(at) as url:
                await told(url, begun(armed, **parts), Fate({at}))
