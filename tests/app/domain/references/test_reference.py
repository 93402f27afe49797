"""A reference becomes counts: which grid set it takes, and when two references are the same."""

import datetime as dt
import io
import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.batch import Nested, Table
from app.domain.errors import Conflict, Invalid
from app.domain.model import Feature, Kind, Precision, Role, Schema, StoredGridSet
from app.domain.references.reference import CELLS, build_reference, reference_of_windows
from app.domain.rows.profile import read_columns
from app.sources.formats import decode
from drift_core import CategoricalGrid, GridSet, judge, pilot_rows
from tests.app.domain.tables import TIMELESS, reference, stored, table

SEED = np.random.default_rng(7)
BOTH = Schema((Feature("x", Kind.NUMERIC), Feature("c", Kind.CATEGORICAL)))


def sample(rows: int = 4_000, shift: float = 0.0, levels: str = "abcd") -> Table:
    return table(
        x=(SEED.normal(size=rows) + shift).tolist(), c=SEED.choice(list(levels), size=rows).tolist()
    )


def test_the_first_reference_founds_a_set() -> None:
    found = build_reference(sample(), None, None)
    assert found.founding
    assert found.grids.names == ("x", "c")
    assert found.rows == 4_000
    assert found.grids.counts(found.vector, "x").rows == 4_000


def test_odd_columns_of_a_parquet_file_are_counted_or_named_with_the_way_out() -> None:
    rows = 1_200
    moments = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(i) for i in range(rows)]
    columns = {
        "price": pa.array([Decimal(i) / 100 for i in range(rows)]),
        "waited": pa.array([dt.timedelta(milliseconds=i) for i in range(rows)]),
        "day": pa.array([moment.date() for moment in moments]),
        "at": pa.array(moments),
        "clock": pa.array([dt.time(i % 24) for i in range(rows)]),
        "raw": pa.array([b"x"] * rows),
        "nothing": pa.nulls(rows),
        "huge": pa.array([2**60 + i for i in range(rows)]),
    }
    body = io.BytesIO()
    pq.write_table(pa.table(columns), body)
    found = build_reference(decode(body.getvalue(), "application/x-parquet"), None, None)
    assert found.grids.names == ("price", "waited", "huge")
    waited = found.grids.counts(found.vector, "waited")
    assert waited == waited.grid.count(np.arange(rows) / 1_000)
    assert found.grids.counts(found.vector, "huge").present == rows
    said = {warning.feature: warning.message for warning in found.warnings}
    assert set(said) == {"day", "at", "clock", "raw", "nothing"}
    assert all("derive what matters of them" in said[name] for name in ("day", "at", "clock"))


def test_levels_are_chosen_on_a_pilot_that_is_not_counted() -> None:
    found = build_reference(sample(), None, None)
    rows = found.grids.counts(found.vector, "c").rows
    assert 0.75 * 4_000 < rows < 0.85 * 4_000
    assert any(int((~pilot_rows(4_000, key)).sum()) != rows for key in (b"a", b"b"))


def test_the_same_reference_again_is_the_same() -> None:
    rows = sample()
    first = build_reference(rows, None, None)
    again = build_reference(rows, first.schema, stored(first))
    assert not again.founding
    assert again.grids is first.grids
    assert again.fingerprint == first.fingerprint
    # only who founds a set leaves its pilot out
    assert again.grids.counts(again.vector, "c").rows == 4_000


def test_a_like_reference_joins_the_active_set() -> None:
    first = build_reference(sample(), None, None)
    second = build_reference(sample(), first.schema, stored(first))
    assert not second.founding
    assert second.fingerprint != first.fingerprint


@pytest.mark.parametrize("rows", [60, 300, 2_000])
def test_a_small_sample_of_the_same_world_starts_no_new_set(rows: int) -> None:
    first = build_reference(sample(), None, None)
    assert not build_reference(sample(rows), first.schema, stored(first)).founding


@pytest.mark.parametrize(
    "other",
    [
        sample(shift=40.0),
        sample(levels="abcdefghij"),
        table(x=[0.123456] * 4_000, c=["a"] * 4_000),
    ],
    ids=["elsewhere", "new levels", "new mass point"],
)
def test_what_the_active_set_cannot_resolve_founds_another(other: Table) -> None:
    first = build_reference(sample(), None, None)
    second = build_reference(other, first.schema, stored(first))
    assert second.founding
    assert second.grids.digest != first.grids.digest


def test_other_features_found_another_set() -> None:
    first = build_reference(sample(), None, None)
    wider = Schema((*first.schema.features, Feature("y", Kind.NUMERIC)))
    rows = Table({**sample().columns, "y": [1.0] * 4_000}, 4_000)
    assert build_reference(rows, wider, stored(first)).founding


def test_stored_windows_join_or_are_refused() -> None:
    first = build_reference(sample(), None, None)
    active = stored(first)
    found = reference_of_windows(first.vector, 4_000, first.schema, active)
    assert (found.founding, found.rows, found.grids) == (False, 4_000, first.grids)
    assert found.fingerprint != first.fingerprint
    crowded = first.grids.zero()
    crowded[first.grids.slice("x").start + 2] = 4_000
    with pytest.raises(Conflict) as caught:
        reference_of_windows(crowded, 4_000, first.schema, active)
    assert caught.value.code == "grid-unfit"
    assert "'x'" in caught.value.detail


def test_declared_columns_win_and_others_are_left_out() -> None:
    rows = table(amount=[1, 2] * 500, colour=["1", "2"] * 500, extra=[1] * 1_000)
    codes = Schema((Feature("amount", Kind.CATEGORICAL), Feature("colour", Kind.CATEGORICAL)))
    found = build_reference(rows, codes, None)
    assert found.schema is codes
    assert found.grids.names == ("amount", "colour")
    grid = found.grids["amount"]
    assert isinstance(grid, CategoricalGrid)
    assert set(grid.levels) == {"1", "2"}


@pytest.mark.parametrize(
    ("rows", "schema"),
    [
        (table(timestamp=["2013-01-01"]), None),
        (table(a=[None]), None),
        (table(a=[1]), Schema((Feature("a", Kind.IGNORED),))),
        (Table({}, 1, nested={"x": Nested("list<double>")}), BOTH),
        (table(**{f"f{i}": [1, 2] for i in range(1_001)}), None),
    ],
    ids=["only times", "no values", "all ignored", "nested", "too many"],
)
def test_what_cannot_be_watched_is_refused(rows: Table, schema: Schema | None) -> None:
    with pytest.raises(Invalid) as caught:
        build_reference(rows, schema, None)
    assert caught.value.faults


@pytest.mark.parametrize("features", [1, 40, 1_000])
def test_a_set_keeps_within_its_budget(features: int) -> None:
    rows = 600
    columns: dict[str, list[object]] = {
        f"f{i}": SEED.normal(size=rows).tolist() if i % 2 else [f"l{k % 290}" for k in range(rows)]
        for i in range(features)
    }
    budget = 20_000 if features < 1_000 else CELLS // 2
    assert build_reference(Table(columns, rows), None, None, budget).grids.size <= budget


def bodies() -> dict[str, tuple[str, bytes]]:
    rows = [
        {
            "timestamp": f"2013-01-01T00:{i % 60:02}:00Z",
            "n": None if i % 7 == 0 else i % 13 / 8,
            "i": i % 5,
            "t": None if i % 11 == 0 else ("x", "1.0", "y, z")[i % 3],
        }
        for i in range(300)
    ]
    frame = pl.DataFrame(rows)
    times = pl.col("timestamp").str.to_datetime(time_zone="UTC")
    out = io.BytesIO()
    frame.with_columns(times).write_parquet(out)
    columns = {"columns": frame.to_dict(as_series=False)}
    return {
        "rows": ("application/json", json.dumps(rows).encode()),
        "columns": ("application/json", json.dumps(columns).encode()),
        "csv": ("text/csv", frame.write_csv().encode()),
        "parquet": ("application/vnd.apache.parquet", out.getvalue()),
    }


def test_the_fingerprint_does_not_know_the_format() -> None:
    found = {n: build_reference(decode(b, kind), None, None) for n, (kind, b) in bodies().items()}
    assert len({reference.fingerprint for reference in found.values()}) == 1
    assert len({reference.schema for reference in found.values()}) == 1
    vectors = [reference.vector.tolist() for reference in found.values()]
    assert vectors == vectors[:1] * len(vectors)


CHANGES = {
    "a value": table(amount=[1.0, 2.0, 4.0], colour=["a", "b", "a"]),
    "the order": table(amount=[2.0, 1.0, 3.0], colour=["a", "b", "a"]),
    "a level": table(amount=[1.0, 2.0, 3.0], colour=["a", "b", "c"]),
    "levels swapped": table(amount=[1.0, 2.0, 3.0], colour=["b", "a", "b"]),
    "missing": table(amount=[1.0, 2.0, None], colour=["a", "b", "a"]),
    "invalid": table(amount=[1.0, 2.0, "x"], colour=["a", "b", "a"]),
    "a row more": table(amount=[1.0, 2.0, 3.0, 3.0], colour=["a", "b", "a", "a"]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_fingerprint_tells_contents_apart(change: Table) -> None:
    grids = stored(reference(TIMELESS))
    first = table(amount=[1.0, 2.0, 3.0], colour=["a", "b", "a"])
    prints = [build_reference(rows, TIMELESS, grids).fingerprint for rows in (first, change)]
    assert prints[0] != prints[1]


@pytest.mark.parametrize(
    "feature",
    [
        Feature("amount", Kind.NUMERIC, Role.PREDICTION),
        Feature("amount", Kind.NUMERIC, precision=Precision.FLOAT32),
        Feature("amount", Kind.CATEGORICAL),
    ],
)
def test_the_fingerprint_knows_the_schema(feature: Feature) -> None:
    rows = table(amount=[1.0, 2.0, 3.0], colour=["a", "b", "a"])
    first = build_reference(rows, TIMELESS, None)
    other = build_reference(rows, Schema((feature, TIMELESS.features[1])), None)
    assert first.fingerprint != other.fingerprint


def test_the_fingerprint_does_not_know_why_a_kind_was_chosen() -> None:
    rows = table(amount=[1.0, 2.0, 2.0], colour=["a", "b", "a"])
    whys = tuple(replace(feature, why="a guess") for feature in TIMELESS.features)
    prints = {build_reference(rows, s, None).fingerprint for s in (TIMELESS, Schema(whys))}
    assert len(prints) == 1


def test_a_float32_producer_does_not_drift_from_float64() -> None:
    narrow = Schema((Feature("x", Kind.NUMERIC, precision=Precision.FLOAT32),))
    values = (SEED.integers(0, 400, size=5_000) / 10).tolist()
    ref = build_reference(table(x=values), narrow, None)
    sent = Table({"x": pl.Series(values, dtype=pl.Float32)}, 5_000)
    cur = ref.grids.join(
        {"x": ref.grids["x"].count(read_columns(sent, narrow).values["x"].values)}  # type: ignore[union-attr]
    )
    assert np.array_equal(cur, ref.vector)
    verdict = judge(ref.grids.split(ref.vector), ref.grids.split(cur))
    assert verdict.state == "ok"


def test_a_grid_set_survives_storage() -> None:
    found = reference()
    again = GridSet.from_json(json.loads(json.dumps(found.grids.to_json())))
    active = StoredGridSet(1, 1, again)
    rows = table(amount=[float(i % 50) for i in range(2_000)], colour=["red"] * 2_000)
    assert not build_reference(rows, found.schema, active).founding
