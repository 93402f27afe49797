"""A table becomes counts by pane; what rejects it, and what is only reported."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import CountedBatch, Layout, Nested, Table
from app.domain.errors import Invalid, TooLarge
from app.domain.model import Feature, Kind, Role, Schema, Settings, TimeUnit
from app.domain.rows.profile import tally
from app.domain.segments.segment import Segmentation
from app.domain.window import PANE, pane_of
from drift_core import Counts
from tests.app.domain.tables import NOW, SCHEMA, TIMELESS, envelope, reference, stored, table

GRIDS = stored(reference())
START = datetime(2026, 1, 5, tzinfo=UTC)


def count(rows: Table, schema: Schema = SCHEMA, *, strict: bool = False) -> CountedBatch:
    return tally(rows, schema, GRIDS, envelope(), Settings(strict=strict))


def refused(rows: Table, schema: Schema = SCHEMA, *, strict: bool = False) -> Invalid:
    with pytest.raises(Invalid) as caught:
        count(rows, schema, strict=strict)
    assert caught.value.rows == rows.rows
    return caught.value


def vector(batch: CountedBatch) -> np.ndarray:
    """All panes of a batch added up."""
    total = GRIDS.grids.zero()
    for pane in batch.panes:
        assert (np.diff(pane.cells) > 0).all()
        assert (pane.counts > 0).all()
        total[pane.cells] += pane.counts
    return total


def cells(batch: CountedBatch, name: str) -> Counts:
    return GRIDS.grids.counts(vector(batch), name)


def times(*minutes: float) -> list[object]:
    return [(START + timedelta(minutes=m)).isoformat() for m in minutes]


def test_every_row_falls_into_one_cell_of_every_feature() -> None:
    batch = count(
        table(
            timestamp=times(0, 1, 2, 3, 4),
            amount=[1, None, "x", True, 1e9],
            colour=["red", None, ["x"], "pink", 3],
        )
    )
    amount, colour = cells(batch, "amount"), cells(batch, "colour")
    assert (amount.rows, amount.missing, amount.invalid, amount.present) == (5, 1, 2, 2)
    assert (colour.rows, colour.missing, colour.invalid, colour.present) == (5, 1, 1, 3)
    assert colour.cells[-1] == 2
    assert batch.findings.invalid == {"amount": 2, "colour": 1}
    assert [len(rows) for rows in batch.findings.invalid_rows.values()] == [2, 1]
    assert (batch.rows, batch.grid_set) == (5, GRIDS.id)
    assert (batch.first_event, batch.last_event) == (START, START + timedelta(minutes=4))


def test_panes_are_half_open() -> None:
    batch = count(table(timestamp=times(0, 14.99, 15, 15, 45), amount=[1] * 5, colour=["red"] * 5))
    assert [(pane.pane - START, pane.rows) for pane in batch.panes] == [
        (0 * PANE, 2),
        (1 * PANE, 2),
        (3 * PANE, 1),
    ]
    assert {pane.segment for pane in batch.panes} == {""}


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=30),
    st.sets(st.sampled_from(["amount", "colour"])),
)
def test_an_absent_column_counts_as_one_without_values(minutes: list[int], gone: set[str]) -> None:
    rows = len(minutes)
    whole = {"amount": [1.5] * rows, "colour": ["red"] * rows}
    lacking = count(
        table(timestamp=times(*minutes), **{n: v for n, v in whole.items() if n not in gone})
    )
    empty = {n: [None] * rows if n in gone else v for n, v in whole.items()}
    given_empty = count(table(timestamp=times(*minutes), **empty))
    assert set(lacking.findings.absent) == gone
    assert [(p.pane, p.rows, p.cells.tolist(), p.counts.tolist()) for p in lacking.panes] == [
        (p.pane, p.rows, p.cells.tolist(), p.counts.tolist()) for p in given_empty.panes
    ]


def test_an_absent_column_of_many_rows_counts_as_missing() -> None:
    batch = count(table(timestamp=times(0) * 9_000, amount=[1.5] * 9_000))
    assert (cells(batch, "colour").missing, cells(batch, "colour").rows) == (9_000, 9_000)


def test_panes_times_features_are_bounded() -> None:
    wide = Schema((SCHEMA.features[0], *(Feature(f"x{i}", Kind.NUMERIC) for i in range(400))))
    whole = table(timestamp=times(*range(-15 * 13_000, 0, 15)))
    with pytest.raises(TooLarge, match="13000 panes"):
        count(whole, wide)


def test_absent_and_unknown_columns_are_named() -> None:
    batch = count(
        Table(
            {"timestamp": times(0), "extra": [1], "amount": [1]},
            1,
            nested={"list": Nested("list<int64>")},
        )
    )
    assert batch.findings.absent == ("colour",)
    assert batch.findings.unknown == ("extra", "list")
    assert cells(batch, "colour").missing == 1


def test_the_first_rows_of_a_wrong_type_are_named() -> None:
    amounts = [1.0, "x", *["y"] * 8_000]
    batch = count(table(timestamp=times(*[0] * 8_002), amount=amounts, colour=["red"] * 8_002))
    assert batch.findings.invalid == {"amount": 8_001}
    assert batch.findings.invalid_rows == {"amount": (1, 2, 3, 4, 5)}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("time_stamp", "time_stamp"),
        ("ts", "ts"),
        ("event_time", "event_time"),
        ("time", "time"),
        ("created_at", "created_at"),
        ("Datum", "Datum"),
    ],
)
def test_where_the_time_is_lacking_a_column_that_may_be_it_is_named(given: str, meant: str) -> None:
    rows = table(amount=[1], colour=["red"], **{given: times(0)})
    with pytest.raises(Invalid) as caught:
        count(rows)
    (fault,) = caught.value.faults
    assert fault.field == "timestamp"
    assert f"was {meant!r} meant? Send it as 'timestamp'" in fault.detail


def test_where_nothing_resembles_a_time_the_columns_are_named() -> None:
    with pytest.raises(Invalid) as caught:
        count(table(amount=[1], colour=["red"]))
    assert caught.value.faults[0].detail.endswith("; there are 'amount' and 'colour'")


def test_at_most_a_hundred_unknown_columns_are_named() -> None:
    rows = table(timestamp=times(0), **{f"x{i}": [1] for i in range(300)})
    assert len(count(rows).findings.unknown) == 100


def test_arrival_is_the_time_where_no_column_tells_one() -> None:
    batch = count(table(amount=[1, 2], colour=["red", "red"]), TIMELESS)
    assert batch.first_event == batch.last_event == NOW
    assert [pane.pane for pane in batch.panes] == [pane_of(NOW)]


def test_a_column_named_timestamp_is_the_time_where_no_other_is() -> None:
    batch = count(table(timestamp=times(3), amount=[1], colour=["red"]), TIMELESS)
    assert batch.first_event == START + timedelta(minutes=3)
    assert batch.findings.unknown == ()
    other = Schema((*TIMELESS.features, Feature("when", Kind.IGNORED, Role.TIMESTAMP)))
    batch = count(table(timestamp=["?"], when=times(3), amount=[1], colour=["red"]), other)
    assert batch.findings.unknown == ("timestamp",)
    declared = Schema((*TIMELESS.features, Feature("timestamp", Kind.IGNORED)))
    batch = count(table(timestamp=["?"], amount=[1], colour=["red"]), declared)
    assert batch.first_event == NOW


def test_a_lacking_time_column_is_refused() -> None:
    error = refused(table(amount=[1], colour=["red"]))
    assert error.faults[0].field == "timestamp"


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (None, "missing"),
        ("yesterday", "RFC 3339"),
        ("2013-01-01T24:00:00Z", "RFC 3339"),
        ("0001-01-01T00:00:00Z", "1970"),
        ("9999-01-01T00:00:00Z", "1970"),
        ((NOW + timedelta(minutes=5, seconds=1)).isoformat(), "future"),
        ("2100-01-01T00:00:00Z", "future"),
        (True, "RFC 3339"),
    ],
)
@pytest.mark.parametrize(
    ("layout", "pointer"),
    [
        (Layout.ARRAY, "/1/timestamp"),
        (Layout.ROWS, "/rows/1/timestamp"),
        (Layout.COLUMNS, "/columns/timestamp/1"),
    ],
)
def test_a_bad_time_is_named(value: object, detail: str, layout: Layout, pointer: str) -> None:
    columns = {"timestamp": [*times(0), value], "amount": [1, 2], "colour": ["red", "red"]}
    error = refused(Table(columns, 2, layout=layout))
    assert [(f.row, f.field, f.pointer) for f in error.faults] == [(1, "timestamp", pointer)]
    assert detail in error.faults[0].detail
    assert str(value) not in error.faults[0].detail


def test_five_minutes_ahead_are_tolerated() -> None:
    ahead = (NOW + timedelta(minutes=5)).isoformat()
    assert count(table(timestamp=[ahead], amount=[1], colour=["red"])).rows == 1


def test_all_bad_times_are_counted_and_a_hundred_listed() -> None:
    error = refused(table(timestamp=["x"] * 250, amount=[1] * 250))
    assert (len(error.faults), error.left_out) == (100, 150)
    assert [fault.row for fault in error.faults] == list(range(100))


def test_numeric_times_need_a_unit() -> None:
    rows = table(timestamp=[int(START.timestamp())] * 3, amount=[1] * 3, colour=["red"] * 3)
    error = refused(rows)
    assert [(fault.row, fault.field) for fault in error.faults] == [(None, "timestamp")]
    gaps = table(timestamp=[None, int(START.timestamp())], amount=[1] * 2, colour=["red"] * 2)
    assert [(fault.row, fault.field) for fault in refused(gaps).faults] == [(None, "timestamp")]
    timed = Feature("timestamp", Kind.IGNORED, Role.TIMESTAMP, time_unit=TimeUnit.SECONDS)
    assert count(rows, Schema((timed, *TIMELESS.features))).first_event == START


@pytest.mark.parametrize("untyped", [False, True], ids=["values", "text"])
def test_a_number_among_times_is_named_by_its_row(*, untyped: bool) -> None:
    number = str(int(START.timestamp())) if untyped else int(START.timestamp())
    values = [*times(0, 1), number, *times(2), None]
    column = pl.Series(values, dtype=pl.String) if untyped else values
    columns = {"timestamp": column, "amount": [1] * 5, "colour": ["red"] * 5}
    error = refused(Table(columns, 5, untyped=untyped, layout=Layout.ARRAY))
    found = [(f.row, f.pointer, "time_unit" in f.detail) for f in error.faults]
    assert found == [(2, "/2/timestamp", True), (4, "/4/timestamp", False)]


def with_nested(rows: int, *names: str, **present: object) -> Table:
    """Rows of which some columns are nested, and perhaps some rows without a value of them."""
    whole = {"timestamp": times(0) * rows, "amount": [1] * rows, "colour": ["red"] * rows}
    nested = {name: Nested("list<double>", present.get(name)) for name in names}  # type: ignore[arg-type]
    return Table({n: c for n, c in whole.items() if n not in names}, rows, nested)


def test_a_nested_column_of_times_is_refused() -> None:
    error = refused(with_nested(1, "timestamp"))
    assert error.faults[0].field == "timestamp"
    assert "list<double>" in error.faults[0].detail


def test_a_nested_column_of_segments_is_refused_whether_it_is_counted_or_not() -> None:
    country = Feature("country", Kind.IGNORED, Role.SEGMENT)
    error = refused(with_nested(1, "country"), Schema((*SCHEMA.features, country)))
    assert [fault.field for fault in error.faults] == ["country"]
    by_colour = Settings(segments=Segmentation((("colour",),)))
    with pytest.raises(Invalid, match="nested") as caught:
        tally(with_nested(1, "colour"), SCHEMA, GRIDS, envelope(), by_colour)
    assert [fault.field for fault in caught.value.faults] == ["colour"]


@pytest.mark.parametrize("rows", [3, 2_000], ids=["few", "many"])
def test_a_nested_feature_counts_as_invalid_in_every_row_that_has_it(rows: int) -> None:
    batch = count(with_nested(rows, "amount", "colour", colour=np.arange(rows) > 0))
    amount, colour = cells(batch, "amount"), cells(batch, "colour")
    assert (amount.rows, amount.missing, amount.invalid) == (rows, 0, rows)
    assert (colour.rows, colour.missing, colour.invalid) == (rows, 1, rows - 1)
    assert batch.findings.invalid == {"amount": rows, "colour": rows - 1}
    assert batch.findings.invalid_rows["colour"] == tuple(range(1, min(rows, 6)))
    assert batch.findings.absent == batch.findings.unknown == ()


def test_nested_values_count_as_those_of_json_do() -> None:
    present = np.array([True, False, True])
    lists = table(timestamp=times(0) * 3, amount=[[1], None, {}], colour=["red"] * 3)
    given, expected = count(with_nested(3, "amount", amount=present)), count(lists)
    assert (vector(given) == vector(expected)).all()
    assert given.findings == expected.findings


def test_a_strict_model_refuses_a_nested_feature_with_its_type() -> None:
    error = refused(with_nested(3, "amount"), strict=True)
    assert [(fault.row, fault.field) for fault in error.faults] == [(None, "amount")]
    assert "list<double>" in error.faults[0].detail
    assert count(with_nested(3, "amount", amount=np.zeros(3, np.bool_)), strict=True).rows == 3


def test_a_strict_model_refuses_what_others_report() -> None:
    clean = table(timestamp=times(0), amount=[1], colour=["red"])
    assert count(clean, strict=True).rows == 1
    error = refused(
        table(timestamp=times(0, 1, 2), amount=[1, "x", True], extra=[1, 1, 1]), strict=True
    )
    assert [(fault.row, fault.field) for fault in error.faults] == [
        (None, "colour"),
        (None, "extra"),
        (1, "amount"),
        (2, "amount"),
    ]


def test_rows_spread_over_years_are_refused() -> None:
    quarter = [(START - k * PANE).isoformat() for k in range(36_001)]
    with pytest.raises(TooLarge):
        count(table(timestamp=quarter, amount=[1] * 36_001))


ROWS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.none() | st.booleans() | st.floats(-10, 60) | st.just("x"),
        st.none() | st.sampled_from(["red", "blue", "pink", 1, 1.0]),
    ),
    min_size=1,
    max_size=40,
)


def columns_of(rows: list[tuple[int, object, object]]) -> Table:
    return table(
        timestamp=times(*(row[0] for row in rows)),
        amount=[row[1] for row in rows],
        colour=[row[2] for row in rows],
    )


def panes_of(*batches: CountedBatch) -> dict[datetime, Counter[int]]:
    found: dict[datetime, Counter[int]] = {}
    for batch in batches:
        for pane in batch.panes:
            cells = dict(zip(pane.cells.tolist(), pane.counts.tolist(), strict=True))
            found.setdefault(pane.pane, Counter()).update(cells)
    return found


@given(ROWS, st.integers(1, 39))
def test_any_split_of_rows_gives_the_same_counts(
    rows: list[tuple[int, object, object]], cut: int
) -> None:
    parts = [part for part in (rows[:cut][::-1], rows[cut:]) if part]
    whole = count(columns_of(rows))
    assert panes_of(whole) == panes_of(*(count(columns_of(part)) for part in parts))
    assert all(cells(whole, name).rows == len(rows) for name in ("amount", "colour"))
    assert sum(pane.rows for pane in whole.panes) == len(rows)


@pytest.mark.parametrize("panes", [1, 2])
def test_large_panes_are_counted_as_small_ones(panes: int) -> None:
    rows = [
        (15 * (i % panes), (i % 70) / 1.3 if i % 11 else "x", ("red", "blue", None, "pink")[i % 4])
        for i in range(9_000)
    ]
    small = [count(columns_of(rows[at : at + 1_000])) for at in range(0, 9_000, 1_000)]
    assert panes_of(count(columns_of(rows))) == panes_of(*small)
