"""Loops: one failure stops nothing else, and whoever looks sees that work goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.alerts.alert import Change
from app.domain.errors import Unavailable
from app.steps.close import Closed
from app.steps.settle import Announced
from app.workers import STALLED, Loop, Workers
from tests.fakes import FakeStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class FakeCloser:
    """Windows by name; judging one raises what is told to, and takes its time."""

    clock: Clock
    windows: list[str]
    failures: dict[str, Exception] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    alive: list[bool] = field(default_factory=list)
    workers: Workers | None = None
    late: bool = False

    async def due(self) -> list[str]:
        return list(self.windows)

    async def settle(self, beat: Callable[[], None]) -> list[Announced]:
        beat()
        return [Announced("default", Change.FIRING, 1)] if self.late else []

    async def close(self, due: str) -> Closed | None:
        self.tried.append(due)
        assert self.workers is not None
        self.alive.append(self.workers.closing.alive)
        self.clock.now += STALLED / 2
        if due in self.failures:
            raise self.failures[due]
        return None


@dataclass
class FakeCutter:
    """Models by name; those that are told to cannot be cut."""

    models: list[str] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)

    async def due(self) -> list[str]:
        return list(self.models)

    async def cut(self, uncut: str) -> int:
        self.tried.append(uncut)
        if uncut in self.failures:
            raise self.failures[uncut]
        return 1


def workers(closer: FakeCloser, cutter: FakeCutter | None = None) -> Workers:
    cutter = cutter or FakeCutter()
    made = Workers(FakeStore(), cutter, closer, None, closer.clock, timedelta(days=31))  # type: ignore[arg-type]
    closer.workers = made
    return made


async def test_a_window_that_cannot_be_judged_holds_up_no_other() -> None:
    closer = FakeCloser(Clock(), ["a", "bad", "b"], {"bad": ValueError("no")})
    loop = workers(closer)
    with pytest.raises(ExceptionGroup) as caught:
        await loop._close()
    assert closer.tried == ["a", "bad", "b"]
    assert [type(error) for error in caught.value.exceptions] == [ValueError]


async def test_a_model_that_cannot_be_cut_holds_up_no_other_and_no_window() -> None:
    closer = FakeCloser(Clock(), ["a"])
    cutter = FakeCutter(["bad", "good"], {"bad": ValueError("no")})
    with pytest.raises(ExceptionGroup) as caught:
        await workers(closer, cutter)._close()
    assert cutter.tried == ["bad", "good"]
    assert closer.tried == ["a"]
    assert [type(error) for error in caught.value.exceptions] == [ValueError]


async def test_a_database_that_is_away_ends_the_round() -> None:
    closer = FakeCloser(Clock(), ["a", "b"], {"a": Unavailable("away")})
    with pytest.raises(Unavailable):
        await workers(closer)._close()
    assert closer.tried == ["a"]


async def test_a_long_round_is_not_a_stalled_one() -> None:
    closer = FakeCloser(Clock(), [f"w{i}" for i in range(10)])
    assert not await workers(closer)._close()
    assert closer.alive == [True] * 10


async def test_what_a_look_told_late_is_delivered_at_once() -> None:
    for late in (False, True):
        made = workers(FakeCloser(Clock(), [], late=late))
        await made._close()
        assert made.delivering.signal.event.is_set() is late


async def test_a_loop_survives_what_its_work_raises_and_says_when_it_stalls() -> None:
    clock = Clock()
    rounds: list[int] = []
    enough = asyncio.Event()

    async def work() -> bool:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            raise Unavailable("away")
        if len(rounds) == 5:
            enough.set()
        return len(rounds) < 4

    loop = Loop("x", work, clock, pause=0.01)
    running = asyncio.create_task(loop.run())
    async with asyncio.timeout(5):
        await enough.wait()
    assert loop.alive
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    clock.now += STALLED
    assert not loop.alive
