"""A run speaks for what it made and nothing else; wishes and keys outlive what was declared."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.domain.errors import Invalid
from app.domain.model import VersionRole
from app.domain.retrainings.retraining import Signal
from app.ports import Unit
from app.steps.ask_retraining import Retrainer
from app.steps.declare import put_version
from app.steps.declare_retraining import remove_retraining
from app.steps.watch_retrainings import RetrainingWatch
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.orchestra import SOURCE, Loop, loop
from tests.app.steps.world import MODEL

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def made(store: SqlStore, place: Place) -> AsyncIterator[Loop]:
    async with loop(store, place.clock) as built:
        yield built


async def by_hand(made: Loop, key: str | None = None) -> str:
    run, _ = await Retrainer(SOURCE).by_hand(made.store, MODEL, "new labels", key)
    return run.id


async def roles(made: Loop) -> dict[str, str]:
    async with made.store.read() as unit:
        return {one.name: one.role.value for one in await unit.models.versions(1)}


async def refused(made: Loop, signal: Signal, version: str) -> str:
    before = await roles(made)
    with pytest.raises(Invalid) as wrong:
        await made.say(signal, version=version)
    assert wrong.value.faults[0].pointer == "/version"
    assert await roles(made) == before
    return wrong.value.faults[0].detail


async def test_a_run_names_no_version_that_was_there_before(made: Loop) -> None:
    await put_version(made.store, SOURCE, (MODEL, "old"), VersionRole.RETIRED, {})
    made.clock.forward(MINUTE)
    await by_hand(made)
    for signal in (Signal.SUCCEEDED, Signal.PROMOTED):
        assert "was there before" in await refused(made, signal, "old")
    made.clock.forward(MINUTE)
    # its own shadow traffic may have come before its word
    await put_version(made.store, SOURCE, (MODEL, "mine"), VersionRole.SHADOW, {})
    await made.say(Signal.SUCCEEDED, version="mine")
    assert await roles(made) == {"default": "champion", "mine": "challenger", "old": "retired"}


@pytest.mark.parametrize("role", [VersionRole.CHAMPION, VersionRole.RETIRED])
async def test_a_run_names_no_version_on_which_someone_decided_meanwhile(
    made: Loop, role: VersionRole
) -> None:
    await by_hand(made)
    made.clock.forward(MINUTE)
    await put_version(made.store, SOURCE, (MODEL, "urgent"), role, {})
    for signal in (Signal.SUCCEEDED, Signal.PROMOTED):
        assert f"{role.value} already" in await refused(made, signal, "urgent")
    await made.say(Signal.SUCCEEDED, version="mine")
    # what it named before stays its own, whatever a person made of it
    await put_version(made.store, SOURCE, (MODEL, "mine"), role, {})
    await made.say(Signal.PROMOTED)
    assert (await roles(made))["mine"] == "champion"


async def test_a_run_names_no_version_of_another_run(made: Loop) -> None:
    await by_hand(made)
    await made.say(Signal.SUCCEEDED, version="first")
    await by_hand(made)
    assert "another retraining" in await refused(made, Signal.SUCCEEDED, "first")
    assert "another retraining" in await refused(made, Signal.PROMOTED, "first")
    await made.say(Signal.SUCCEEDED, version="second")
    await made.say(Signal.PROMOTED)
    assert (await roles(made))["second"] == "champion"


async def test_the_champion_may_be_trained_anew_again_and_again(made: Loop) -> None:
    for _ in range(2):
        await by_hand(made)
        await made.say(Signal.PROMOTED, version="default")
    assert await roles(made) == {"default": "champion"}


async def test_a_key_gives_its_answer_when_the_policy_is_gone(made: Loop) -> None:
    first = await by_hand(made, "key-1")
    await remove_retraining(made.store, SOURCE, MODEL)
    assert await by_hand(made, "key-1") == first


@dataclass
class Meanwhile:
    """A store on which something happens between looking and writing."""

    store: SqlStore
    happens: Callable[[], Awaitable[None]]
    done: bool = False

    def read(self) -> contextlib.AbstractAsyncContextManager[Unit]:
        return self.store.read()

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        if not self.done:
            self.done = True
            await self.happens()
        async with self.store.write() as unit:
            yield unit


async def test_a_wish_whose_alert_resolves_meanwhile_is_not_granted(made: Loop) -> None:
    await by_hand(made)
    await made.say(Signal.FAILED)
    await made.drift()
    made.clock.forward(2 * DAY)

    async def step_down() -> None:
        await put_version(made.store, SOURCE, (MODEL, "other"), VersionRole.CHAMPION, {})

    between = Meanwhile(made.store, step_down)
    watch = RetrainingWatch(between, Retrainer(SOURCE), made.orchestrator)  # type: ignore[arg-type]
    found = await watch._wishes()
    assert (found, between.done) == ([], True)
    assert len(await made.runs()) == 1


async def test_a_wish_that_still_stands_is_granted(made: Loop) -> None:
    await by_hand(made)
    await made.say(Signal.FAILED)
    await made.drift()
    assert len(await made.look(2 * DAY)) == 1
