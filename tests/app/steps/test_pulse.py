"""Work may take long, but is not waited for once the database is silent."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from app.domain.errors import Invalid, Unavailable
from app.steps.pulse import QUIET, Pulse
from tests.fakes import FakeOutbox, FakeUnit


@dataclass
class Database:
    """Answers when asked, or is away; counts the questions."""

    away: bool = False
    asked: int = 0
    ended: list[str] = field(default_factory=list)
    being_asked: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[FakeUnit]:
        self.asked += 1
        self.being_asked.set()
        await asyncio.sleep(0.05)
        if self.away:
            raise Unavailable("the database does not answer")
        yield FakeUnit(FakeOutbox())

    async def work(self, seconds: float) -> str:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        return "done"


async def test_quick_work_asks_nothing() -> None:
    database = Database()
    assert await Pulse(database).keep(database.work(0.01)) == "done"  # type: ignore[arg-type]
    assert database.asked == 0


async def test_long_work_goes_on_while_the_database_answers() -> None:
    database = Database()
    assert await Pulse(database).keep(database.work(QUIET + 0.2)) == "done"  # type: ignore[arg-type]
    assert database.asked == 1


async def test_work_is_left_when_the_database_is_away_and_all_ask_together() -> None:
    database = Database(away=True)
    pulse = Pulse(database)  # type: ignore[arg-type]
    begun = time.perf_counter()
    answers = await asyncio.gather(
        *(pulse.keep(database.work(60)) for _ in range(20)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {Unavailable}
    assert time.perf_counter() - begun < QUIET + 2
    assert database.asked == 1
    await asyncio.sleep(0)
    assert database.ended == ["cancelled"] * 20


async def test_what_work_raises_is_raised() -> None:
    async def wrong() -> None:
        raise Invalid("no")

    with pytest.raises(Invalid):
        await Pulse(Database()).keep(wrong())  # type: ignore[arg-type]


async def test_work_that_fails_while_the_database_is_asked_for_leaves_nothing_unheard() -> None:
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))

    database = Database(away=True)

    async def fail() -> None:
        await database.being_asked.wait()
        raise Unavailable("the connection broke")

    with suppress(Unavailable):  # what pytest keeps of an error would keep the work alive
        await Pulse(database).keep(fail())  # type: ignore[arg-type]
    assert database.asked == 1
    await asyncio.sleep(0)
    gc.collect()
    assert unheard == []


async def test_who_stops_waiting_takes_the_work_along() -> None:
    database = Database()
    waiting = asyncio.create_task(Pulse(database).keep(database.work(60)))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    assert database.ended == ["cancelled"]


async def test_one_who_does_not_let_go_keeps_nobody_else_waiting() -> None:
    database = Database(away=True)
    pulse = Pulse(database)  # type: ignore[arg-type]

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(2 * QUIET)

    first = asyncio.create_task(pulse.keep(stubborn()))
    await asyncio.sleep(QUIET)
    begun = time.perf_counter()
    with pytest.raises(Unavailable):
        await pulse.keep(database.work(60))
    assert time.perf_counter() - begun < QUIET + 2
    with pytest.raises(Unavailable):
        await first


async def test_work_apart_is_left_behind_and_ended() -> None:
    database = Database(away=True)
    pulse = Pulse(database)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        await pulse.keep(pulse.apart(database.work(60)))
    await asyncio.sleep(0)
    assert database.ended == ["cancelled"]
    assert await pulse.apart(database.work(0)) == "done"


async def test_answers_of_others_are_left_when_the_database_is_away() -> None:
    database = Database(away=True)
    pulse = Pulse(database)  # type: ignore[arg-type]
    loop = asyncio.get_running_loop()
    late, there = loop.create_future(), loop.create_future()
    for answer in (late, there):
        pulse.watch(answer)
    there.set_result("done")
    begun = time.perf_counter()
    with pytest.raises(Unavailable):
        await late
    assert time.perf_counter() - begun < QUIET + 2
    assert (await there, database.asked) == ("done", 1)


async def test_answers_of_others_are_waited_for_while_the_database_answers() -> None:
    database = Database()
    pulse = Pulse(database)  # type: ignore[arg-type]
    answer = asyncio.get_running_loop().create_future()
    pulse.watch(answer)
    asyncio.get_running_loop().call_later(QUIET + 0.2, answer.set_result, "done")
    assert await answer == "done"
    assert database.asked == 1
