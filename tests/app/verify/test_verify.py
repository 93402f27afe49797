"""Verdicts made again from a database, untouched and tampered with."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import ColumnElement, Table, select, update

from app.domain.monitors.criteria import Criteria, Limit
from app.domain.monitors.monitor import Against, AgainstKind, Monitor
from app.domain.retention import Stage
from app.domain.segments.segment import Segmentation
from app.domain.verdicts.judges import Judges
from app.domain.verdicts.selection import Selection
from app.domain.verdicts.verifying import Outcome, Verification, Verifier
from app.steps.ask import declare_monitor, delete_monitor
from app.store import SqlStore
from app.store import tables as t
from app.store.counts import encoding
from app.store.reading import SqlReader
from app.store.unit_of_work import Unit
from app.verify.order import Order
from app.verify.run import verify
from tests.app.conftest import Place
from tests.app.steps.world import HOUR, MODEL, START, World, world

ROOT = Path(__file__).parents[3]
ALL = Selection()
CODE = "0"
"""Of the closer in the world of tests."""
STRICT = Monitor("strict", 0, include=("x",), criteria=Criteria(limits=(Limit("psi", 0.1, 0.15),)))


@pytest.fixture
async def w(store: SqlStore, place: Place) -> AsyncIterator[World]:
    """Two windows, one of them drifted and restated; a monitor that changed and went."""
    async with world(store, place.clock) as made:
        await made.declare(lateness=timedelta(minutes=15))
        await made.reference()
        await declare_monitor(store, "/test", MODEL, STRICT)
        await made.send(START, seed=1, shift=2.0)
        await made.send(START + HOUR, seed=2)
        await made.close()
        lax = Criteria(limits=(Limit("psi", None, 5.0),))
        await declare_monitor(store, "/test", MODEL, replace(STRICT, criteria=lax))
        await made.send(START, key="late", count=40)
        await made.send(START + 2 * HOUR, seed=3)
        await made.close()
        await delete_monitor(store, "/test", MODEL, "strict")
        yield made


async def verified(place: Place, code: str = CODE) -> dict[int, Verification]:
    """Every verdict, by a reader that remembers nothing."""
    reader = SqlReader(place.url)
    verifier = Verifier(code, Judges())
    found = {}
    try:
        async with reader.read() as unit:
            for verdict in await unit.verdicts.ids(ALL, 0, 100):
                given = await unit.verdicts.get(verdict)
                evidence = await unit.verdicts.evidence(verdict)
                assert given is not None
                assert evidence is not None
                found[verdict] = verifier.verify(given, evidence)
    finally:
        await reader.close()
    return found


async def first(unit: Unit, monitor: str = "default") -> tuple[int, int]:
    """The ids of a verdict and its revision, of the first window."""
    c = t.judgement.c
    query = select(c.id, c.revision_id).where(c.monitor == monitor).order_by(c.id).limit(1)
    row = (await unit.session.connection.execute(query)).one()
    return row.id, row.revision_id


async def change(w: World, table: Table, where: ColumnElement[bool], **values: object) -> None:
    async with w.store.write() as unit:
        done = await unit.session.connection.execute(update(table).where(where).values(values))
        assert done.rowcount >= 1


@pytest.mark.usefixtures("w")
async def test_all_verdicts_are_made_again_also_of_versions_that_are_gone(place: Place) -> None:
    found = await verified(place)
    assert {one.outcome for one in found.values()} == {Outcome.VERIFIED}
    given = [one.given for one in found.values()]
    assert {one.revision.number for one in given} == {1, 2}
    said = {(one.monitor, one.revision.monitor_version, one.revision.state) for one in given}
    assert {("strict", 1, "drift"), ("strict", 2, "ok"), ("default", 1, "drift")} <= said
    assert {one.revision.cause for one in given} == {"closed", "late_rows"}


async def test_verdicts_of_before_these_columns_are_made_again(w: World, place: Place) -> None:
    await change(w, t.judgement, t.judgement.c.id > 0, declaration=None, level=None)
    await change(w, t.revision, t.revision.c.id > 0, sightings=None)
    assert {one.outcome for one in (await verified(place)).values()} == {Outcome.VERIFIED}


async def test_segments_also_against_other_traffic(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as made:
        by_c = Segmentation((("c",),))
        await made.declare(lateness=timedelta(minutes=15), segments=by_c)
        await made.reference()
        before = Against(AgainstKind.PREVIOUS)
        await declare_monitor(store, "/test", MODEL, replace(STRICT, also=(before,)))
        for hour in range(3):
            await made.send(START + hour * HOUR, seed=hour)
        await made.close()
    found = (await verified(place)).values()
    assert not [one.differences for one in found if one.differences]
    segments = {one.given.window.segment for one in found if one.outcome is Outcome.VERIFIED}
    assert {"", "c=a", "c=b", "c=c"} <= segments
    levels = {one.given.level for one in found if one.given.window.segment == "c=a"}
    assert levels == {0.05 / 4}, "three values and the others"
    beside = {one.given.comparison for one in found if one.given.against is not None}
    assert beside == {before.name}
    assert {one.outcome for one in found} == {Outcome.VERIFIED}


async def test_another_baseline_rewrites_no_verdict(w: World, place: Place) -> None:
    before = {key: one.given for key, one in (await verified(place)).items()}
    await w.reference(seed=99)
    after = await verified(place)
    assert {key: after[key].given for key in before} == before
    assert {one.outcome for one in after.values()} == {Outcome.VERIFIED}


async def test_whatever_is_tampered_with_is_found_and_named(w: World, place: Place) -> None:
    async with w.store.read() as unit:
        verdict, revision = await first(unit)
        strict, _ = await first(unit, "strict")
        r, j, v, e = t.revision.c, t.judgement.c, t.verdict.c, t.estimate.c
        query = select(r.counts, r.rows, r.digest).where(r.id == revision)
        counts, rows, digest = (await unit.session.connection.execute(query)).one()
        query = select(v.p_value).where(v.judgement_id == verdict, v.feature == "x")
        p_value = (await unit.session.connection.execute(query)).scalar_one()
        grids = await unit.models.active_grid_set((await unit.models.find(MODEL)).id)  # type: ignore[union-attr]
        query = select(t.monitor).where(t.monitor.c.name == "strict", t.monitor.c.version == 1)
        asked = (await unit.session.connection.execute(query)).one().declaration
        of_base = select(t.baseline.c.counts).where(t.baseline.c.number == 1)
        reference = (await unit.session.connection.execute(of_base)).scalar_one()
    assert grids is not None
    moved = encoding.unpack(counts, grids.grids.size)
    at = int(moved.argmax())
    moved[at] -= 1
    moved[at + 1] += 1
    elsewhere = encoding.unpack(reference, grids.grids.size)
    elsewhere[int(elsewhere.argmax())] += 500
    mine, of_x = j.id == verdict, (v.judgement_id == verdict) & (v.feature == "x")
    psi = (e.judgement_id == verdict) & (e.feature == "x") & (e.statistic == "psi")
    ours, declared = r.id == revision, t.monitor.c.name == "strict"
    grid, base = t.grid_set.c.id == grids.id, t.baseline.c.number == 1
    graver, other, fake = asked | {"severity": "P1"}, encoding.pack(elsewhere), encoding.pack(moved)
    tampered: list[tuple[Table, ColumnElement[bool], str, object, object, int, str]] = [
        (t.revision, ours, "counts", fake, counts, verdict, "counts"),
        (t.revision, ours, "counts", b"\x01\xff", counts, verdict, "counts"),
        (t.revision, ours, "counts", None, counts, verdict, "counts"),
        (t.revision, ours, "digest", "0" * 64, digest, verdict, "counts"),
        (t.revision, ours, "rows", rows + 1, rows, verdict, "rows"),
        (t.verdict, of_x, "p_value", p_value * (1 + 1e-9) + 1e-300, p_value, verdict, "p_value"),
        (t.verdict, of_x, "state", "ok", "drift", verdict, "state"),
        (t.estimate, psi, "threshold", 0.3, 0.2, verdict, "psi.threshold"),
        (t.judgement, mine, "state", "ok", "drift", verdict, "state"),
        (t.judgement, mine, "level", 0.01, 0.05, verdict, "level"),
        (t.judgement, mine, "monitor_version", 7, 1, verdict, "monitor"),
        (t.monitor, declared, "declaration", graver, asked, strict, "declaration"),
        (t.grid_set, grid, "digest", "1" * 64, grids.grids.digest, verdict, "grid set"),
        (t.baseline, base, "counts", other, reference, verdict, "psi.n_ref"),
    ]
    for table, where, column, value, was, seen_in, named in tampered:
        await change(w, table, where, **{column: value})
        found = (await verified(place))[seen_in]
        assert found.outcome is Outcome.DIFFERS, (table.name, column)
        assert named in {one.what for one in found.differences}, (table.name, column)
        if table in (t.verdict, t.estimate):
            assert {one.feature for one in found.differences} == {"x"}
        await change(w, table, where, **{column: was})


async def test_counts_that_retention_removed_are_said_so(w: World, place: Place) -> None:
    async with w.store.read() as unit:
        verdict, revision = await first(unit)
        chosen = select(t.revision.c.window_id).where(t.revision.c.id == revision)
        window = (await unit.session.connection.execute(chosen)).scalar_one()
    await change(w, t.revision, t.revision.c.window_id == window, counts=None)
    await change(w, t.window, t.window.c.id == window, stage=Stage.BARE)
    assert (await verified(place))[verdict].outcome is Outcome.REMOVED
    assert (await asyncio.to_thread(told, place, (verdict,)))[0] == 3


def told(place: Place, ids: tuple[int, ...] = (), **options: object) -> tuple[int, str]:
    """The exit status and the text of a run on another loop, with stores of its own."""
    out = Console(file=io.StringIO(), width=160)
    order = Order(ids, ALL, place.url, **options)  # type: ignore[arg-type]
    code = verify(order, "other", out, out)
    return code, out.file.getvalue()  # type: ignore[attr-defined]


async def test_other_code_is_told_and_excuses_no_tampering(w: World, place: Place) -> None:
    status, text = await asyncio.to_thread(told, place)
    assert (status, "given by 0" in text) == (0, True)
    async with w.store.read() as unit:
        verdict, revision = await first(unit)
    of_x = (t.estimate.c.judgement_id == verdict) & (t.estimate.c.feature == "x")
    await change(w, t.estimate, of_x & (t.estimate.c.statistic == "psi"), value=0.5)
    assert (await asyncio.to_thread(told, place))[0] == 1
    status, text = await asyncio.to_thread(told, place, allow_other_code=True)
    assert status == 0
    assert f"verdict {verdict}: 'x' psi.value: given 0.5" in text
    await change(w, t.revision, t.revision.c.id == revision, digest="0" * 64)
    assert (await asyncio.to_thread(told, place, allow_other_code=True))[0] == 1
    assert (await asyncio.to_thread(told, place, (10_000,)))[0] == 2


async def test_another_process_verifies_beside_the_service(w: World, place: Place) -> None:
    async with w.store.read() as unit:
        verdict, _ = await first(unit)

    def run() -> subprocess.CompletedProcess[str]:
        words = (sys.executable, "-m", "app.cli", "verify", str(verdict))
        env = os.environ | {"LEEWAY_DATABASE_URL": place.url, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            words, env=env, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
        )

    done = await asyncio.to_thread(run)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 verified" in done.stdout


def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    out = Console(file=io.StringIO(), width=160)
    order = Order((1,), ALL, f"sqlite:///{tmp_path}/none.db")
    assert verify(order, CODE, out, out) == 2
    assert not list(tmp_path.iterdir())
