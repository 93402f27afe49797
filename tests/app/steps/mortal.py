"""A service that dies at a boundary of our choice, and an orchestrator that lives on beside it."""

import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Container, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.domain.alerts.delivery import Attempt, Claimed, Target
from app.domain.alerts.event import RETRAINING
from app.domain.batch import CountedBatch, Outcome
from app.domain.retrainings.run import Phase, RunState
from app.ports import Sender, Unit
from app.store import SqlStore
from tests.app.conftest import Hands
from tests.app.steps.orchestra import Orchestrator


class Killed(BaseException):
    """The process ended here. No handler of errors sees it: nothing runs in a dead process."""


@dataclass
class Fate:
    """Boundaries in the order in which they are passed; at some of them the process dies."""

    at: Container[int] = ()
    """Their numbers, from 1."""
    passed: list[str] = field(default_factory=list)
    doing: str = ""
    asked: bool = False
    """Whether somebody outside waits for an answer."""
    dead: bool = False

    def boundary(self, name: str) -> None:
        if self.dead:
            raise Killed
        self.passed.append(f"{self.doing}: {name}")
        if len(self.passed) in self.at:
            self.dead = True
            raise Killed


class Mortal(SqlStore):
    """Dies before the commit of a transaction that wrote something; or after it, unanswered.

    Where nobody waits for an answer, to die after a commit is to die before the next effect.
    """

    def __init__(self, url: str, clock: Hands, fate: Fate) -> None:
        super().__init__(url, clock=clock)
        self._fate = fate
        # how a database tells whether a transaction has written, without another look at it
        postgres = url.startswith("postgresql")
        self._writes = text(
            "select pg_current_xact_id_if_assigned()::text"
            if postgres
            else "select total_changes()"
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        if self._fate.dead:
            raise Killed
        async with super().read() as unit:
            yield unit

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        if self._fate.dead:
            raise Killed
        wrote = False
        async with super().write() as unit:
            before = await self._written(unit)
            yield unit
            wrote = await self._written(unit) != before
            if wrote:
                self._fate.boundary("before its commit")
        if wrote and self._fate.asked:
            self._fate.boundary("before the answer")

    async def _written(self, unit: Unit) -> object:
        connection = unit.session.connection  # type: ignore[attr-defined]
        return (await connection.execute(self._writes)).scalar_one()

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        self._fate.boundary("before rows are committed")
        outcomes = await super().commit(group)
        self._fate.boundary("before the receipt")
        return outcomes


@dataclass(frozen=True)
class Wire:
    """What leads from the process to the orchestrator, and is cut when it dies."""

    fate: Fate
    outside: "Trainer"

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        self.fate.boundary("before a try")
        return await self.outside.send(claimed, now)

    async def poll(self, target: Target, run: str) -> RunState:
        self.fate.boundary("before a poll")
        return await self.outside.poll(target, run)

    takes = Orchestrator.takes
    check = Orchestrator.check


@dataclass
class Trainer(Orchestrator):
    """Starts a run for each id that it is asked for, once; what it was sent is kept to the byte.

    How a run stands that no person wanted, it has to be asked.
    """

    starts: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        self.bodies[claimed.event_id].add(claimed.body)
        attempt = await super().send(claimed, now)
        if claimed.event_type == RETRAINING:
            asked = self.requests[-1]
            if asked["id"] not in [one["id"] for one in self.starts]:
                self.starts.append(asked)
            if asked["cause"] != "manual":
                attempt = replace(attempt, run=asked["id"])
                self.states.setdefault(asked["id"], RunState(Phase.QUEUED))
        return attempt

    async def poll(self, target: Target, run: str) -> RunState:
        """The run goes on a little each time that one asks."""
        onward = {Phase.QUEUED: Phase.RUNNING, Phase.RUNNING: Phase.SUCCEEDED}
        before = await super().poll(target, run)
        self.states[run] = RunState(onward.get(before.phase, before.phase))
        return self.states[run]


@dataclass(frozen=True)
class Renaming(Wire):
    """Asks under another id when it tries again: that is another run for its receiver."""

    async def send(self, claimed: Claimed, now: datetime) -> Attempt:
        if claimed.event_type == RETRAINING and claimed.event_id in self.outside.bodies:
            known = claimed.event_id.removeprefix("evt_").encode()
            other = f"rtr_{secrets.token_hex(16)}".encode()
            claimed = replace(claimed, body=claimed.body.replace(known, other))
        return await super().send(claimed, now)


def sends(wire: Wire) -> Sender:
    """Say that a wire is all that the deliverer asks for."""
    return wire
