"""Kinds that can be asked: runs are polled, configurations checked, tests start no run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest

from app.domain.alerts.delivery import Attempt, Claimed, Target, Topic
from app.domain.alerts.event import FIRING, RESOLVED, RETRAINING, TEST
from app.domain.retrainings.run import Phase, RunState, Trouble
from app.egress import Allow, Refused, guarded_client
from app.targets import Answer, AnyKind, Outgoing, Reach, RegistrySender, Secrets, SecretUnavailable
from app.targets._kind import Kind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAUSED = Trouble("paused-dag", "the DAG is paused", "/dag_id")
RETRAININGS = frozenset({Topic.RETRAININGS})


@dataclass
class Orchestrator:
    """A kind that runs whatever it is sent, or raises."""

    troubles: Sequence[Trouble] = ()
    raises: Exception | None = None
    sent: list[Outgoing] = field(default_factory=list)

    async def send(self, options: object, outgoing: Outgoing, reach: Reach) -> Answer:
        del options, reach
        self.sent.append(outgoing)
        return Answer(409, None, run="rtr_1")

    async def poll(self, options: object, run: str, reach: Reach) -> RunState:
        del options, reach
        if self.raises:
            raise self.raises
        return RunState(Phase.RUNNING, run)

    async def check(self, options: object, reach: Reach) -> Sequence[Trouble]:
        del options, reach
        if self.raises:
            raise self.raises
        return self.troubles

    def kind(self, *, takes: frozenset[Topic] = RETRAININGS) -> AnyKind:
        return Kind("dag", "Runs.", Options, read, self.send, takes, self.poll, self.check)


@dataclass(frozen=True)
class Options:
    """None."""


def read(options: Mapping[str, object]) -> Options:
    return Options(**options)


async def asked(kind: AnyKind, work: Callable[[RegistrySender], Awaitable[object]]) -> object:
    async with guarded_client(Allow(), user_agent="leeway/9.9") as client:
        return await work(RegistrySender({kind.name: kind}, Reach(client, Secrets({}))))


def delivery(kind: str, event_type: str) -> Claimed:
    return Claimed(1, "evt_1", event_type, b"{}", Target("t", kind, {}), 0)


TARGET = Target("t", "dag", {})


async def test_the_name_of_the_run_comes_back_with_the_attempt() -> None:
    kind = Orchestrator().kind()
    tried = await asked(kind, lambda s: s.send(delivery("dag", "io.leeway.x"), NOW))
    assert isinstance(tried, Attempt)
    assert (tried.status, tried.run, tried.succeeded) == (409, "rtr_1", True)


@pytest.mark.parametrize(
    ("troubles", "status", "error", "final"),
    [((), 200, None, False), ((PAUSED,), None, "the DAG is paused", True)],
)
async def test_a_test_of_an_orchestrator_starts_no_run(
    troubles: Sequence[Trouble], status: int | None, error: str | None, final: bool
) -> None:
    fake = Orchestrator(troubles)
    tried = await asked(fake.kind(), lambda s: s.send(delivery("dag", TEST), NOW))
    assert isinstance(tried, Attempt)
    assert (tried.status, tried.error, tried.final) == (status, error, final)
    assert fake.sent == []


async def test_a_test_of_what_takes_alerts_is_sent() -> None:
    fake = Orchestrator()
    await asked(fake.kind(takes=frozenset(Topic)), lambda s: s.send(delivery("dag", TEST), NOW))
    assert [one.type for one in fake.sent] == [TEST]


@pytest.mark.parametrize("event_type", [FIRING, RESOLVED, RETRAINING])
async def test_what_a_target_takes_no_more_is_given_up(event_type: str) -> None:
    fake = Orchestrator()
    taken = Topic.RETRAININGS if event_type == RETRAINING else Topic.ALERTS
    for takes, sent in ((frozenset(Topic) - {taken}, 0), (frozenset({taken}), 1)):
        claimed = Claimed(1, "evt_1", event_type, b"{}", Target("t", "dag", {}, takes=takes), 0)
        tried = await asked(fake.kind(), lambda s, claimed=claimed: s.send(claimed, NOW))
        assert isinstance(tried, Attempt)
        assert (tried.final, len(fake.sent)) == (sent == 0, sent)


async def test_a_run_is_asked_for_by_its_name() -> None:
    state = await asked(Orchestrator().kind(), lambda s: s.poll(TARGET, "rtr_1"))
    assert state == RunState(Phase.RUNNING, "rtr_1")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ReadTimeout("no complete answer within 15 s"), "unreachable"),
        (Refused("x", "loopback"), "address-refused"),
        (SecretUnavailable("there is no secret at env:A"), "no-secret"),
    ],
)
async def test_what_keeps_us_from_asking_is_said(error: Exception, code: str) -> None:
    kind = Orchestrator(raises=error).kind()
    assert await asked(kind, lambda s: s.poll(TARGET, "x")) == RunState(Phase.UNKNOWN, str(error))
    assert await asked(kind, lambda s: s.check(TARGET)) == [Trouble(code, str(error), "")]


async def test_many_slow_requests_are_one_slow_try() -> None:
    async def slow(options: object, outgoing: Outgoing, reach: Reach) -> Answer:
        del options, outgoing, reach
        await asyncio.sleep(30)
        return Answer(200, None)

    kind: AnyKind = Kind("dag", "Runs.", Options, read, slow)
    async with guarded_client(Allow(), user_agent="leeway/9.9") as client:
        sender = RegistrySender({"dag": kind}, Reach(client, Secrets({})), patience=0.05)
        tried = await sender.send(delivery("dag", "io.leeway.x"), NOW)
    assert (tried.status, tried.error) == (None, "no complete answer within 0.05 s")
    assert not tried.final


async def test_kinds_that_cannot_be_asked() -> None:
    fake = Orchestrator()
    plain = Kind("dag", "Runs.", Options, read, fake.send)
    state = await asked(plain, lambda s: s.poll(TARGET, "rtr_1"))
    assert state == RunState(Phase.UNKNOWN, "targets of kind 'dag' cannot be asked")
    assert await asked(plain, lambda s: s.check(TARGET)) == []
    gone = Target("t", "pigeon", {})
    (trouble,) = await asked(plain, lambda s: s.check(gone))  # type: ignore[misc]
    assert trouble == Trouble("no-such-kind", "there is no target kind 'pigeon'", "/kind")


async def test_topics() -> None:
    made = Target("t", "dag", {}, takes=RETRAININGS)
    kind = Orchestrator().kind()

    async def both(sender: RegistrySender) -> object:
        return [sender.takes(made, topic) for topic in Topic]

    assert await asked(kind, both) == [False, True]
