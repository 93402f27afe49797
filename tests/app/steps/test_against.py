"""Windows held against other traffic: what drifted from the reference may be as last week."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.calendars.exclusion import Exclusion
from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.domain.telling.reports import WindowQuery
from app.steps.ask import declare_monitor
from app.steps.close import Closed
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

WEEK = timedelta(weeks=1)
ALSO = (
    Against(AgainstKind.PREVIOUS),
    Against(AgainstKind.TRAILING, span=6 * HOUR),
    Against(AgainstKind.SAME_HOUR),
    Against(AgainstKind.VERSION),
)


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        mine = Monitor("mine", 0, include=("x",), also=ALSO)
        await declare_monitor(store, "/test", MODEL, mine)
        yield made


def said(closed: Closed) -> dict[str, str]:
    return {
        one.comparison: one.verdict.state.value
        for one in closed.revision.judgements
        if one.monitor.name == "mine"
    }


async def test_a_season_is_drift_against_the_reference_only(w: World) -> None:
    before = START - WEEK
    await w.send(before, shift=2.0, seed=1)
    await w.send(before + HOUR, seed=2)
    await w.send(START - HOUR, seed=3)
    await w.send(START, shift=2.0, seed=4)
    await w.send(START + HOUR, seed=5)
    closed = {c.revision.window.start: c for c in await w.close()}
    assert said(closed[START]) == {
        "reference": "drift",
        "previous": "drift",
        "trailing-360m": "drift",
        "same_hour": "ok",
    }, "and the champion is not held against itself"
    assert said(closed[before])["same_hour"] == "insufficient_data"
    assert {a.monitor for a in closed[START].announced} == {"default", "mine"}
    assert all(not j.verdict.page for j in closed[START].revision.judgements if j.baseline is None)
    async with w.store.read() as unit:
        model = await unit.models.find(MODEL)
        assert model is not None
        query = WindowQuery(model.id, "default", monitor="mine", comparison="same_hour")
        report = await unit.views.window(query, START)
    assert report is not None
    assert (report.summary.state, report.summary.baseline) == ("ok", None)
    assert [one.feature for one in report.features] == ["x"]
    assert {one.comparison: one.drifted for one in report.comparisons} == {
        "reference": ("x",),
        "previous": ("x",),
        "trailing-360m": ("x",),
        "same_hour": (),
    }


async def test_a_challenger_is_held_against_the_champion(w: World) -> None:
    for hour in (0, 1):
        await w.send(START + hour * HOUR, shift=2.0, seed=hour)
        await w.send(START + hour * HOUR, version="next", shift=2.0, seed=9 + hour)
    closed = {c.revision.window.version: c for c in await w.close()}
    assert (said(closed["next"])["reference"], said(closed["next"])["version"]) == ("drift", "ok")
    assert "version" not in said(closed["default"])


async def test_a_restatement_judges_all_of_it_again(w: World) -> None:
    for hour in (0, 1, 2):
        await w.send(START + hour * HOUR, seed=hour)
    await w.close()
    await w.send(START + HOUR, key="late", count=800, shift=3.0)
    (again,) = await w.close()
    assert said(again)["previous"] == "drift"
    assert again.revision.number == 2


async def test_a_holiday_is_no_measure_of_other_weeks(w: World) -> None:
    """Of the same hours of two weeks before, the strange one is left out, as is its own window."""
    holiday = START - WEEK
    mine = Monitor("mine", 0, include=("x",), also=(ALSO[2], ALSO[3]))
    mine = replace(mine, calendar=(Exclusion(on=holiday.date()),))
    await declare_monitor(w.store, "/test", MODEL, mine)
    await w.send(holiday - WEEK, seed=1)
    await w.send(holiday, shift=2.0, seed=2)
    await w.send(START, seed=3)
    await w.send(START + HOUR, seed=4)
    closed = {c.revision.window.start: c for c in await w.close()}
    assert said(closed[START]) == {"reference": "ok", "same_hour": "ok"}
    assert said(closed[holiday]) == {"reference": "drift", "same_hour": "insufficient_data"}
    (seasonal,) = (j for j in closed[holiday].revision.judgements if j.comparison == "same_hour")
    assert seasonal.verdict.reason == "excluded"
