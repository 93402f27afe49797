"""Judgements against other traffic made again: from revisions that add up to it, or its counts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.calendars.exclusion import Exclusion
from app.domain.model import VersionRole
from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.domain.retention import Stage
from app.domain.verdicts.verifying import Outcome, Verification
from app.steps.ask import declare_monitor
from app.steps.declare import put_version
from app.store import SqlStore
from app.store import tables as t
from app.store.counts import encoding
from app.store.transactions.session import AnyRow
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world
from tests.app.verify.test_verify import change, told, verified

WEEK = timedelta(weeks=1)
PREVIOUS, TRAILING = Against(AgainstKind.PREVIOUS), Against(AgainstKind.TRAILING, span=6 * HOUR)
SEASON, OTHER = Against(AgainstKind.SAME_HOUR, weeks=2), Against(AgainstKind.VERSION)
MINE = Monitor("mine", 0, include=("x",), also=(PREVIOUS, TRAILING, SEASON, OTHER))
C = t.counterpart.c


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    """Three weeks of which the last has some windows, held against all that there is."""
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        await declare_monitor(store, "/test", MODEL, MINE)
        for seed, start in enumerate((START - 2 * WEEK, START - WEEK, START - HOUR)):
            await made.send(start, seed=seed)
        await put_version(store, "/test", (MODEL, "next"), VersionRole.CHALLENGER, {})
        for start in (START, START + HOUR, START + 2 * HOUR):
            await made.send(start, seed=9, shift=2.0)
            await made.send(start, version="next", seed=10, shift=2.0)
        await made.close()
        yield made


def beside(found: Mapping[int, Verification]) -> dict[str, Verification]:
    """What the monitor said of the first window of the last week, by what it was held against."""
    return {
        one.given.comparison + (" of next" if one.given.window.version == "next" else ""): one
        for one in found.values()
        if one.given.window.start == START and one.given.monitor == "mine"
    }


async def held(w: World) -> list[AnyRow]:
    async with w.store.read() as unit:
        query = select(t.counterpart).order_by(C.id)
        return list((await unit.session.connection.execute(query)).all())  # type: ignore[attr-defined]


async def test_all_of_it_is_made_again(w: World, place: Place) -> None:
    found = await verified(place)
    assert {one.outcome for one in found.values()} == {Outcome.VERIFIED}
    names = ("previous", "trailing-360m", "same_hour-2w")
    ours = beside(found)
    assert set(ours) == {"reference", *names} | {
        f"{one} of next" for one in ("reference", *names)
    } | {"version of next"}
    given = {name: one.given.against for name, one in ours.items()}
    season, before, next_ = given["same_hour-2w"], given["previous"], given["version of next"]
    assert given["reference"] is None
    assert season is not None
    assert before is not None
    assert next_ is not None
    assert (season.start, season.end) == (START - 2 * WEEK, START - WEEK + HOUR)
    assert (season.rows, before.rows, next_.rows, next_.version) == (800, 400, 400, "default")
    assert (before.start, before.end, before.kept) == (START - HOUR, START, True)
    assert ours["previous"].given.revision.state == "drift"
    rows = {(one.start_at, one.end_at): one for one in await held(w)}
    window, span = rows[START - HOUR, START], rows[START - 6 * HOUR, START]
    assert (len(window.parts), window.counts) == (1, None), "that window has them"
    assert (span.parts, span.counts is None) == (None, False)


async def test_rows_that_come_late_for_it_change_nothing_of_what_was_said(
    w: World, place: Place
) -> None:
    before = {key: one.given for key, one in (await verified(place)).items()}
    await w.send(START - HOUR, key="late", count=300, shift=5.0)
    await w.send(START - WEEK, key="later", count=300, shift=5.0)
    await w.close()
    after = await verified(place)
    assert {key: after[key].given for key in before} == before
    assert {one.outcome for one in after.values()} == {Outcome.VERIFIED}


async def test_rows_that_no_revision_knows_are_kept_with_the_judgement(
    w: World, place: Place
) -> None:
    """Late rows of the window before are in its panes, and not yet in what was said of it."""
    await w.send(START, key="late", count=300, shift=5.0)
    await w.send(START + HOUR, key="late too", count=10)
    due = [one for one in await w.closer.due() if one.restated]
    await w.closer.close(next(one for one in due if one.window.key.start == START + HOUR))
    (own,) = [one for one in await held(w) if one.rows == 700]
    assert (own.parts, own.counts is None) == (None, False)
    assert {one.outcome for one in (await verified(place)).values()} == {Outcome.VERIFIED}


async def test_tampering_is_found_and_named(w: World, place: Place) -> None:
    season = next(
        key
        for key, one in (await verified(place)).items()
        if one is not None
        and (one.given.comparison, one.given.window.start, one.given.window.version)
        == ("trailing-360m", START, "default")
    )
    async with w.store.read() as unit:
        query = select(t.judgement.c.counterpart_id).where(t.judgement.c.id == season)
        mine = (await unit.session.connection.execute(query)).scalar_one()  # type: ignore[attr-defined]
        grids = await unit.models.active_grid_set(1)
    (row,) = [one for one in await held(w) if one.id == mine]
    assert grids is not None
    moved = encoding.unpack(row.counts, grids.grids.size)
    at = int(moved.argmax())
    moved[at] -= 1
    moved[at + 1] += 1
    for name, value, what in (
        ("counts", encoding.pack(moved), "counts of traffic"),
        ("counts", None, "counts of traffic"),
        ("counts", b"\x01\xff", "counts of traffic"),
        ("digest", "0" * 64, "counts of traffic"),
        ("rows", row.rows + 1, "rows of traffic"),
        ("start_at", row.start_at - HOUR, "place of traffic"),
        ("baseline", 9, "reference"),
    ):
        await change(w, t.counterpart, C.id == mine, **{name: value})
        one = (await verified(place))[season]
        assert (one.outcome, what in {d.what for d in one.differences}) == (
            Outcome.DIFFERS,
            True,
        ), name
        await change(w, t.counterpart, C.id == mine, **{name: getattr(row, name)})
    e = t.estimate.c
    await change(w, t.estimate, (e.judgement_id == season) & (e.statistic == "psi"), value=0.5)
    assert "psi.value" in {d.what for d in (await verified(place))[season].differences}


async def test_what_retention_removed_is_said(w: World, place: Place) -> None:
    """The counts of the window before go first; what was held against them is not made again."""
    window, bare = t.window.c, {"stage": Stage.BARE}
    async with w.store.read() as unit:
        query = select(window.id).where(window.start_at == START - HOUR)
        gone = (await unit.session.connection.execute(query)).scalar_one()  # type: ignore[attr-defined]
    await change(w, t.revision, t.revision.c.window_id == gone, counts=None)
    before = (await verified(place)).items()
    assert beside(dict(before))["previous"].outcome is Outcome.DIFFERS, "that was not retention"
    await change(w, t.window, window.id == gone, **bare)
    found = beside(await verified(place))
    assert (found["previous"].outcome, found["previous"].given.against.kept) == (  # type: ignore[union-attr]
        Outcome.REMOVED,
        False,
    )
    assert found["same_hour-2w"].outcome is Outcome.VERIFIED
    status, text = await asyncio.to_thread(told, place, (found["previous"].given.id,))
    assert (status, "counts removed by retention" in text) == (3, True)
    assert "mine v1 / previous" in text


async def test_its_counts_go_with_those_of_its_windows(w: World, place: Place) -> None:
    w.clock.forward(timedelta(days=200))
    turn: str | None = ""
    while turn is not None:
        async with w.store.write() as unit:
            turn = await unit.upkeep.retain()
    assert {one.counts for one in await held(w)} == {None}
    found = await verified(place)
    assert {one.outcome for one in found.values() if one.given.revision.digest} == {Outcome.REMOVED}
    async with w.store.write() as unit:
        gone = t.window.delete().where(t.window.c.start_at == START - HOUR)
        await unit.session.connection.execute(gone)  # type: ignore[attr-defined]
    assert beside(await verified(place))["previous"].outcome is Outcome.REMOVED


async def test_what_was_said_before_traffic_was_kept(w: World, place: Place) -> None:
    await change(w, t.judgement, t.judgement.c.id > 0, counterpart_id=None)
    found = beside(await verified(place))
    assert found["reference"].outcome is Outcome.VERIFIED
    assert {found[name].outcome for name in ("previous", "same_hour-2w")} == {Outcome.OTHER_TRAFFIC}


async def test_a_window_on_a_holiday_is_held_against_no_other_time(w: World, place: Place) -> None:
    day = START + WEEK
    await declare_monitor(
        w.store, "/test", MODEL, replace(MINE, calendar=(Exclusion(on=day.date()),))
    )
    w.clock.forward(WEEK)
    await w.send(day, seed=3)
    await w.send(day + HOUR, seed=4)
    await w.close()
    found = await verified(place)
    assert {one.outcome for one in found.values()} == {Outcome.VERIFIED}
    (one,) = [
        one
        for one in found.values()
        if one.given.window.start == day and one.given.comparison == "previous"
    ]
    assert (one.given.revision.reason, one.given.against) == ("excluded", None)
