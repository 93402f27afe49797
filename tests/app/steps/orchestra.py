"""The closed loop in the hands of a test: a model with a policy, and an orchestrator of its own."""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.domain.alerts.delivery import Attempt, Claimed, Target, Topic
from app.domain.alerts.event import RETRAINING
from app.domain.retrainings.policy import Policy
from app.domain.retrainings.retraining import Origin, Retraining, Said, Signal
from app.domain.retrainings.run import Phase, RunState, Trouble
from app.steps.ask_retraining import Asked, Retrainer
from app.steps.declare_retraining import declare_retraining
from app.steps.deliver import Deliverer
from app.steps.retrain import Heard, Word, hear, hear_delivery
from app.steps.watch_retrainings import RetrainingWatch
from app.store import SqlStore
from tests.app.conftest import Hands
from tests.app.steps.world import HOUR, MODEL, START, World, world

TARGET = "trainer"
OTHER = "oncall"
SOURCE = "/test"


def calm() -> float:
    return 0.0


@dataclass
class Orchestrator:
    """Takes requests as a receiver does, and can be asked how its runs stand."""

    status: int | None = 202
    final: bool = False
    names_runs: bool = False
    got: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """(target, event type, data) of every delivery that arrived."""
    states: dict[str, RunState] = field(default_factory=dict)
    polls: int = 0

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        data = json.loads(claimed.body)["data"]
        self.got.append((claimed.target.name, claimed.event_type, data))
        error = None if self.status is not None and self.status < 300 else "refused"
        run = (
            f"run-of-{data['id']}" if self.names_runs and claimed.event_type == RETRAINING else None
        )
        return Attempt(now, self.status, error, timedelta(0), None, run, self.final)

    def takes(self, target: Target, topic: Topic) -> bool:
        return topic in target.takes

    async def poll(self, target: Target, run: str) -> RunState:  # noqa: ARG002
        self.polls += 1
        return self.states.get(run, RunState(Phase.UNKNOWN))

    async def check(self, target: Target) -> Sequence[Trouble]:  # noqa: ARG002
        return []

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [data for _, kind, data in self.got if kind == RETRAINING]


@dataclass
class Loop:
    """A world whose drift asks an orchestrator."""

    w: World
    clock: Hands
    orchestrator: Orchestrator
    watch: RetrainingWatch

    @property
    def store(self) -> SqlStore:
        return self.w.store

    async def declare(self, **policy: object) -> None:
        declared = Policy(**({"target": TARGET} | policy))  # type: ignore[arg-type]
        await declare_retraining(self.store, MODEL, declared)

    async def drift(self, hour: int = 0, shift: float = 3.0) -> None:
        """Send a window that drifts (or does not), let it close, and deliver what is told."""
        await self.w.send(START + hour * HOUR, shift=shift, seed=hour)
        await self.w.send(START + (hour + 1) * HOUR, key=f"next-{hour}", count=2)
        await self.w.close()

    async def deliver(self) -> None:
        told = partial(hear_delivery, SOURCE)
        deliverer = Deliverer(self.store, self.orchestrator, jitter=calm, tell=told)
        while await deliverer.once() or await deliverer.drain():
            pass

    async def look(self, after: timedelta = timedelta(0)) -> list[Heard | Asked]:
        self.clock.forward(after)
        return await self.watch.once()

    async def say(self, signal: Signal, id_: str | None = None, **said: object) -> Heard:
        word = Word(signal, Origin.CALLBACK, Said(**said))  # type: ignore[arg-type]
        return await hear(self.store, SOURCE, id_ or (await self.runs())[0].id, word)

    async def runs(self) -> Sequence[Retraining]:
        """Newest first."""
        async with self.store.read() as unit:
            return await unit.retrainings.page(None, None, None, 1_000)

    async def alerts(self) -> dict[str, tuple[str, str]]:
        """State and reason of each monitor's alert."""
        async with self.store.read() as unit:
            found = await unit.views.alerts(None, None, 0, 100)
        return {alert.monitor: (alert.state, alert.reason) for alert in found}


@contextlib.asynccontextmanager
async def loop(store: SqlStore, clock: Hands, **policy: object) -> AsyncIterator[Loop]:
    orchestrator = Orchestrator()
    async with world(store, clock) as w:
        await w.declare()
        await w.reference()
        async with store.write() as unit:
            for name in (TARGET, OTHER):
                await unit.targets.put(Target(name, "webhook", {"url": "https://example.com/"}))
        watch = RetrainingWatch(store, Retrainer(SOURCE), orchestrator)
        made = Loop(w, clock, orchestrator, watch)
        await made.declare(**policy)
        yield made
