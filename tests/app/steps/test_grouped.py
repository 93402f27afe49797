"""Segments that fire, or recover, in one look are told of in one message."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from sqlalchemy import select

from app.domain.alerts.delivery import Target
from app.domain.alerts.group import LONGEST, PATIENCE
from app.domain.batch import Table
from app.domain.model import Feature, Kind, Role, Schema, Settings, VersionRole
from app.domain.monitors.monitor import Monitor
from app.domain.retrainings.policy import Policy
from app.domain.segments.segment import Segmentation
from app.ports.windows import Due
from app.steps.ask import declare_monitor
from app.steps.close import Closed, Closer
from app.steps.declare import declare_model, put_version, remove_model
from app.steps.declare_retraining import declare_retraining
from app.steps.register import register
from app.steps.settle import resolve_all
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, keyed, world

ORIGINS = ("EWR", "JFK", "LGA")
COLUMNS = (
    Feature("at", Kind.IGNORED, Role.TIMESTAMP),
    Feature("x", Kind.NUMERIC),
    Feature("o", Kind.CATEGORICAL, Role.SEGMENT),
)
KEYS = itertools.count()


def rows(start: datetime, count: int = 3_000, seed: int = 1, **shifts: float) -> Table:
    """Rows of one hour, the same number of each origin; those named are moved."""
    draw = np.random.default_rng(seed)
    origin = np.array(ORIGINS)[np.arange(count) % len(ORIGINS)]
    moved = np.array([shifts.get(str(one), 0.0) for one in origin])
    at = [start + HOUR * i / count for i in range(count)]
    columns = {
        "at": pl.Series(at, dtype=pl.Datetime("us", "UTC")),
        "x": pl.Series(draw.normal(0, 1, count) + moved),
        "o": pl.Series(origin),
    }
    return Table(columns, count)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        settings = Settings(
            lateness=timedelta(minutes=15), segments=Segmentation((("o",),), len(ORIGINS))
        )
        await declare_model(store, MODEL, settings, Schema(COLUMNS))
        await register(store, made.pool, MODEL, rows(START - HOUR, 12_000, 7), None)
        async with store.write() as unit:
            await unit.targets.put(Target("hook", "webhook", {"url": "https://example.com/"}))
        yield made


async def send(w: World, hour: int, count: int = 3_000, **shifts: float) -> None:
    """Send an hour's rows, and as many of the next as let it close."""
    table = rows(START + hour * HOUR, count, hour, **shifts)
    for one in (table, rows(START + (hour + 1) * HOUR, 3, 99)):
        await w.intake.ingest(keyed(one, f"k{next(KEYS)}"))


async def told(w: World) -> list[dict[str, Any]]:
    """The data of every event, in the order of their deliveries."""
    d = t.delivery.c
    query = select(t.event.c.body).join(t.delivery, d.event_id == t.event.c.id).order_by(d.id)
    async with w.store.read() as unit:
        bodies = (await unit.session.connection.execute(query)).scalars().all()  # type: ignore[attr-defined]
    return [json.loads(body)["data"] for body in bodies]


def brief(data: dict[str, Any]) -> tuple[str, str, list[str]]:
    segments = [one["segment"] for one in data["members"] if one["changed"]]
    return data["state"], data["group"]["reason"], segments


async def test_a_look_is_one_message_that_names_the_worst(w: World) -> None:
    await send(w, 0, EWR=3.0, JFK=1.5)
    closed = await w.close()
    assert len(closed) == 1 + len(ORIGINS), "each in a transaction of its own"
    (data,) = await told(w)
    assert brief(data) == ("firing", "began", ["", "o=EWR", "o=JFK"])
    assert (data["segment"], data["features"][0]["feature"]) == ("", "x")
    assert data["members"][1]["links"]["page"].startswith(f"/models/{MODEL}?version=default&seg")
    assert [one.deliveries for c in closed for one in c.announced] == [1]
    assert closed[-1].announced, "the last of the look tells"


async def test_the_end_is_one_message_and_some_who_recover_are_none(w: World) -> None:
    await send(w, 0, EWR=3.0, JFK=3.0)
    await w.close()
    for hour in (1, 2):
        await send(w, hour, JFK=3.0)
        await w.close()
    (only,) = await told(w)
    assert brief(only)[:2] == ("firing", "began")
    assert set(brief(only)[2]) == {"", "o=EWR", "o=JFK"}
    for hour in (3, 4):
        await send(w, hour)
        await w.close()
    first, last = await told(w)
    state, reason, who = brief(last)
    assert (state, reason) == ("resolved", "all_recovered")
    assert "o=JFK" in who
    assert "o=EWR" not in who, "it recovered before"
    assert first["group"]["firing"] == 3


async def test_who_joins_later_is_told_beside_those_that_fire(w: World) -> None:
    await send(w, 0, EWR=3.0)
    await w.close()
    await send(w, 1, EWR=3.0, LGA=3.0)
    await w.close()
    _, data = await told(w)
    assert brief(data) == ("firing", "joined", ["o=LGA"])
    assert [one["segment"] for one in data["members"]] == ["o=LGA", "", "o=EWR"]


async def dues(w: World) -> Sequence[Due]:
    return await w.closer.due()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
async def test_whichever_window_is_last_tells(w: World, order: Sequence[int]) -> None:
    await send(w, 0, EWR=3.0, LGA=3.0)
    found = await dues(w)
    for number in order[:-1]:
        await w.closer.close(found[number])
        assert await told(w) == []
    await w.closer.close(found[order[-1]])
    assert [one["group"]["changed"] for one in await told(w)] == [3]


async def test_two_replicas_that_close_at_once_tell_once(w: World, place: Place) -> None:
    if not place.is_postgres:
        pytest.skip("SQLite serves one process")
    second = SqlStore(place.url, clock=place.clock)
    closers = (w.closer, Closer(second, "/test", "0"))
    for hour, shift in enumerate([3.0, 0.0, 0.0]):
        await send(w, hour, EWR=shift, JFK=shift)
        while found := await dues(w):
            work = [closer.close(due) for due in found for closer in closers]
            await asyncio.gather(*work)
    await second.close()
    assert [one["state"] for one in await told(w)] == ["firing", "resolved"]


async def test_late_rows_of_many_segments_are_one_message(w: World) -> None:
    await send(w, 0)
    await w.close()
    await w.intake.ingest(keyed(rows(START, 9_000, 5, EWR=3.0, JFK=3.0), "late"))
    closed: list[Closed] = await w.close()
    assert {one.revision.number for one in closed} == {2}
    (data,) = await told(w)
    assert brief(data)[:2] == ("firing", "began")
    assert set(brief(data)[2]) == {"", "o=EWR", "o=JFK"}


async def test_late_rows_of_one_window_do_not_tell_half_of_another_look(w: World) -> None:
    await send(w, 0)
    await w.close()
    await send(w, 1, EWR=3.0, JFK=3.0)
    late = rows(START, 30, 5)
    mask = late.columns["o"] == "EWR"
    late = Table({name: one.filter(mask) for name, one in late.columns.items()}, int(mask.sum()))
    await w.intake.ingest(keyed(late, "late"))
    closed = await w.close()
    assert [one.revision.number for one in closed].count(2) == 2, "restated between the others"
    assert [(*brief(one)[:2], len(brief(one)[2])) for one in await told(w)] == [
        ("firing", "began", 3)
    ]


async def close_some(w: World, found: Sequence[Due], start: datetime, *segments: str) -> None:
    for due in found:
        key = due.window.key
        if (
            key.start == start
            and key.segment in segments
            and key.frame == found[0].window.key.frame
        ):
            await w.closer.close(due)


async def test_a_look_is_not_told_of_by_the_last_window_of_the_next(w: World) -> None:
    await send(w, 0, EWR=3.0, JFK=3.0)
    await send(w, 1, EWR=3.0, JFK=3.0)
    found = await dues(w)
    await close_some(w, found, START, "", "o=EWR")
    await close_some(w, found, START + HOUR, "", *(f"o={one}" for one in ORIGINS))
    assert await told(w) == []
    await close_some(w, found, START, "o=JFK", "o=LGA")
    assert [one["group"]["changed"] for one in await told(w)] == [3]


async def test_windows_of_another_frame_tell_no_half_of_a_look(w: World) -> None:
    quarter = Monitor("fine", 0, window=HOUR / 4)
    await declare_monitor(w.store, "/test", MODEL, quarter)
    await send(w, 0, 12_000, EWR=3.0, JFK=3.0)
    found = await dues(w)
    frame = next(
        one.window.key.frame for one in found if one.window.end - one.window.key.start == HOUR
    )
    hourly = [one for one in found if one.window.key.frame == frame]
    await close_some(w, hourly, START, "", "o=EWR")
    for due in found:
        if due not in hourly and due.window.key.start == START:
            await w.closer.close(due)
    assert [one["monitor"] for one in await told(w)] == ["fine"]
    await close_some(w, hourly, START, "o=JFK", "o=LGA")
    assert [(one["monitor"], one["group"]["changed"]) for one in await told(w)] == [
        ("fine", 3),
        ("default", 3),
    ]


async def test_what_late_rows_take_back_before_it_is_told_is_no_message(w: World) -> None:
    await send(w, 0, JFK=3.0)
    found = {due.window.key.segment: due for due in await dues(w)}
    await w.closer.close(found["o=JFK"])
    await w.intake.ingest(keyed(rows(START, 300_000, 5), "calm"))
    await w.close()
    await w.close()
    assert await told(w) == []


async def test_a_window_that_does_not_come_holds_up_a_message_for_a_while_only(
    w: World, place: Place
) -> None:
    await send(w, 0, EWR=3.0, JFK=3.0)
    for due in (await dues(w))[:-1]:
        await w.closer.close(due)
    assert (await w.closer.settle(), await told(w)) == ([], [])
    place.clock.forward(PATIENCE)
    (announced,) = await w.closer.settle()
    assert announced.deliveries == 1
    assert await w.closer.settle() == []
    assert len(await told(w)) == 1


async def test_a_look_that_takes_long_is_waited_for_while_it_is_judged(
    w: World, place: Place
) -> None:
    await send(w, 0, EWR=3.0, JFK=3.0)
    first, second, *_ = await dues(w)
    await w.closer.close(first)
    place.clock.forward(PATIENCE)
    await w.closer.close(second)
    assert (await w.closer.settle(), await told(w)) == ([], [])
    place.clock.forward(LONGEST - PATIENCE)
    assert len(await w.closer.settle()) == 1
    assert await w.close() != []
    assert {one["group"]["reason"] for one in await told(w)} <= {"began", "joined"}


async def test_a_monitor_that_is_disabled_ends_in_one_message(w: World) -> None:
    await send(w, 0, EWR=3.0, JFK=3.0)
    await w.close()
    await declare_monitor(w.store, "/test", MODEL, Monitor("default", 0, enabled=False))
    _, data = await told(w)
    assert (data["state"], data["reason"]) == ("resolved", "monitor_disabled")
    assert set(brief(data)[2]) == {"", "o=EWR", "o=JFK"}


async def test_the_end_is_told_of_what_was_being_settled(w: World) -> None:
    """Half of a look is judged: who was told to fire recovered, and then the version steps down."""
    await send(w, 0, JFK=3.0)
    await w.close()
    for hour in (1, 2):
        await send(w, hour)
    found = await dues(w)
    for due in found:
        if due.window.key.segment in ("", "o=JFK"):
            await w.closer.close(due)
    assert [one["state"] for one in await told(w)] == ["firing"]
    await put_version(w.store, "/test", (MODEL, "next"), VersionRole.CHAMPION, {})
    assert [one["state"] for one in await told(w)] == ["firing", "resolved"]


async def test_a_deleted_model_ends_in_one_message(w: World) -> None:
    await send(w, 0, EWR=3.0, JFK=3.0)
    await w.close()
    await remove_model(w.store, "/test", MODEL)
    counted = Counter(one["state"] for one in await told(w))
    assert counted == {"firing": 1, "resolved": 1}


async def test_a_segment_that_is_gone_fires_nothing_any_more(w: World) -> None:
    await send(w, 0, JFK=3.0)
    await w.close()
    await send(w, 1, EWR=3.0, JFK=3.0)
    await declare_model(w.store, MODEL, Settings(lateness=timedelta(minutes=15)), None, "/test")
    await w.close()
    async with w.store.read() as unit:
        found = await unit.views.alerts(None, None, 0, 10)
    states = {one.segment: (one.state, one.reason) for one in found}
    assert states["o=JFK"] == ("resolved", "segment_gone")
    assert states.get("o=EWR", ("inactive", ""))[0] == "inactive", "its window closed afterwards"
    assert states[""][0] == "firing"
    assert [one["state"] for one in await told(w)] == ["firing"], "all rows fire still"


async def test_segments_that_fire_in_one_look_ask_for_one_retraining(w: World) -> None:
    await declare_retraining(w.store, MODEL, Policy("hook", cooldown=timedelta(0)))
    await send(w, 0, EWR=3.0, JFK=3.0)
    await w.close()
    async with w.store.read() as unit:
        (run,) = await unit.retrainings.page(None, None, None, 10)
        assert await unit.retrainings.waiting() == []
    await send(w, 1, EWR=3.0, JFK=3.0, LGA=3.0)
    await w.close()
    async with w.store.read() as unit:
        assert [one.id for one in await unit.retrainings.page(None, None, None, 10)] == [run.id]
        assert await unit.retrainings.waiting() == [], "LGA joined the same drift"
    assert brief((await told(w))[-1]) == ("firing", "joined", ["o=LGA"])


async def firing(w: World, monitor: str) -> set[str]:
    async with w.store.read() as unit:
        found = await unit.views.alerts(None, None, 0, 100)
    return {one.segment for one in found if one.monitor == monitor and one.state == "firing"}


async def test_a_slow_segments_window_by_rows_is_not_barred_by_those_of_others(w: World) -> None:
    """LGA has few rows, so that its window is open still, though it began before others closed."""
    await declare_monitor(w.store, "/test", MODEL, Monitor("slow", 0, rows=600))
    for hour in range(3):
        moved = rows(START + hour * HOUR, 3_000, hour, EWR=3.0, LGA=3.0)
        few = (moved.columns["o"] != "LGA") | (pl.Series(range(3_000)) % 10 == 2)
        columns = {name: one.filter(few) for name, one in moved.columns.items()}
        await w.intake.ingest(keyed(Table(columns, int(few.sum())), f"k{next(KEYS)}"))
    await w.close()
    assert await firing(w, "slow") == {"", "o=EWR"}
    async with w.store.write() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        await resolve_all(unit, "/test", model, lambda _: True, "retrained")
    await w.intake.ingest(keyed(rows(START, 6, 5, EWR=3.0), "late"))
    await w.close()
    assert await firing(w, "slow") == set(), "late rows bring back no alert that was resolved"
    await send(w, 3, LGA=3.0)
    await w.close()
    assert "o=LGA" in await firing(w, "slow")
