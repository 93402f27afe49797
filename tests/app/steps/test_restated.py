"""Late rows: each monitor's revisions as they were known, and what is told of them, once."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.domain.alerts.delivery import Target
from app.domain.monitors.criteria import Criteria, Limit
from app.domain.monitors.monitor import Monitor
from app.domain.telling.reports import WindowQuery, WindowReport
from app.steps.ask import declare_monitor, delete_monitor
from app.store import SqlStore
from app.store import tables as t
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

ONLY_X = Monitor("only-x", 0, include=("x",))
LAX = replace(ONLY_X, criteria=Criteria(limits=(Limit("psi", None, 99.0), Limit("ks", None, 1.1))))
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        await declare_monitor(store, "/test", MODEL, ONLY_X)
        async with store.write() as unit:
            await unit.targets.put(Target("hook", "webhook", {"url": "https://example.com/"}))
        yield made


async def report(w: World, monitor: str, as_of: datetime | None = None) -> WindowReport:
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        query = WindowQuery(model.id, "default", monitor=monitor, as_of=as_of)
        found = await unit.views.window(query, START)
    assert found is not None
    return found


async def told(w: World, monitor: str) -> list[tuple[str, int]]:
    """What was told of a monitor's alert, in order, with the revision of its window."""
    c, d = t.event.c, t.delivery.c
    mine = c.subject == f"{MODEL}/default/{monitor}"
    query = select(c.body).join(t.delivery, d.event_id == c.id).where(mine).order_by(d.id)
    async with w.store.read() as unit:
        rows = (await unit.session.connection.execute(query)).scalars().all()
    data = [json.loads(body)["data"] for body in rows]
    return [(one["state"], one["window"]["revision"]) for one in data]


async def test_each_monitor_reads_as_it_was_known(w: World) -> None:
    await w.send(START, shift=2.0)
    await w.send(START + HOUR)
    await w.close()
    then = w.clock.now
    w.clock.forward(MINUTE)
    await declare_monitor(w.store, "/test", MODEL, LAX)
    await w.send(START, key="late", count=5)
    await w.close()
    w.clock.forward(MINUTE)
    await delete_monitor(w.store, "/test", MODEL, "only-x")
    known = [(await report(w, name, then)).summary for name in ("only-x", "default")]
    assert [(one.revision, one.monitor_version, one.state) for one in known] == [
        (1, 1, "drift")
    ] * 2
    now = await report(w, "only-x")
    assert (now.summary.revision, now.summary.monitor_version) == (2, 2)
    assert [(one.number, one.cause) for one in now.revisions] == [(1, "closed"), (2, "late_rows")]
    assert len((await report(w, "only-x", then)).revisions) == 1
    assert now.revisions[0].verdict == known[0].verdict != now.summary.verdict


async def test_a_window_that_still_pages_when_restated_pages_nobody_again(w: World) -> None:
    await w.send(START, shift=2.0)
    await w.send(START + HOUR)
    await w.close()
    for late in range(3):
        await w.send(START, key=f"late {late}", count=50, shift=2.0)
        (again,) = await w.close()
        assert (again.revision.number, again.announced) == (late + 2, ())
    for monitor in ("default", "only-x"):
        assert await told(w, monitor) == [("firing", 1)]


async def test_what_late_rows_take_back_and_bring_anew_are_events_of_their_own(w: World) -> None:
    await w.send(START, shift=2.0)
    await w.send(START + HOUR)
    await w.close()
    await w.send(START, key="calm", count=20_000, seed=5)
    await w.close()
    assert await told(w, "only-x") == [("firing", 1), ("resolved", 2)]
    await w.send(START, key="drifted", count=40_000, shift=2.0, seed=6)
    await w.close()
    assert await told(w, "only-x") == [("firing", 1), ("resolved", 2), ("firing", 3)]
