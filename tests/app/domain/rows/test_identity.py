"""What makes two rows the same: id and event time, however they are written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from app.domain.batch import CountedBatch, Envelope, Panes, Table
from app.domain.counts.adding import MOST_HELD, add
from app.domain.errors import Invalid
from app.domain.model import Feature, Kind, Role, Schema, Settings, StoredGridSet
from app.domain.rows.identity import identified, identify
from app.domain.rows.profile import tally
from app.domain.rows.values import levels, numbers_of
from drift_core import Grid, GridSet

SCHEMA = Schema((Feature("id", Kind.IGNORED, Role.ID), Feature("x", Kind.NUMERIC)))
KEY = bytes(range(16))
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOON = 12 * 3_600_000_000


def ids(column: Any, times: list[int] | None = None, model: int = 1) -> list[int]:
    at = None if times is None else np.array(times)
    return identify(Table({"id": column}, len(column)), SCHEMA, KEY, model, at).tolist()


@pytest.mark.parametrize(
    "column",
    [
        [17, 18, 17],
        ["17", "18", "17.0"],
        [17.0, "18.0", "17"],
        pl.Series([17, 18, 17], dtype=pl.UInt8),
        pl.Series([17.0, 18.0, 17.0]),
        pl.Series(["17", "18.00", "17.0"]),
        pl.Series(["17", "18", "17"], dtype=pl.String),
    ],
)
def test_an_id_is_the_same_however_it_is_written(column: Any) -> None:
    assert ids(column) == ids(["17", "18", "17"])
    assert len(set(ids(column))) == 2


def test_text_that_only_looks_alike_is_another_id() -> None:
    assert len(set(ids(["7", "007", " 7", "7 ", "\u00e9", "e\u0301", ""]))) == 7


def test_the_time_and_the_model_are_part_of_a_row() -> None:
    same = ["a", "a", "a"]
    assert len(set(ids(same, [NOON, NOON + 1, NOON + 60_000_000]))) == 3
    assert ids(["a"], [NOON], model=1) != ids(["a"], [NOON], model=2)
    assert ids(["a"], [NOON]) != ids(["a"])


def test_the_minute_of_the_day_leads() -> None:
    minutes = [0, 1, 719, 1439]
    found = ids(["a", "b", "c", "d"], [minute * 60_000_000 + 5 for minute in minutes])
    assert [(one % 2**64) >> 53 for one in found] == minutes


def test_a_slice_of_a_column_has_the_ids_of_its_rows() -> None:
    column = pl.Series(["a", "b", "c", "d"])
    assert ids(column.slice(1, 2)) == ids(["b", "c"])


@pytest.mark.parametrize("column", [["a", None], pl.Series([1.0, None]), [1, [2]]])
def test_rows_without_an_id_are_named(column: Any) -> None:
    with pytest.raises(Invalid) as caught:
        ids(column)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [(1, "id")]
    assert caught.value.rows == 2


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        identify(Table({"x": [1.0]}, 1), SCHEMA, KEY, 1, None)
    assert caught.value.faults[0].field == "id"


def test_some_rows_are_counted_again_as_if_they_came_alone() -> None:
    grids = GridSet((("x", Grid.numeric([0.0, 1.0, 2.0])), ("c", Grid.categorical(["a", "b"]))))
    draw = np.random.default_rng(1)
    values = {
        "x": numbers_of(pl.Series(draw.normal(size=50)), untyped=False),
        "c": levels(draw.choice(["a", "b", "z"], 50).tolist()),
    }
    starts = [NOON, NOON + 1, NOON + 2]
    panes = Panes(starts, draw.integers(0, 3, 50))  # type: ignore[arg-type]
    found = identified(np.arange(50), grids, values, panes, timed=True)
    rows = np.flatnonzero(panes.of_rows != 1)
    whole = {pane.pane: pane for pane in found.recount(np.arange(50))}
    part = found.recount(rows)
    assert [pane.pane for pane in part] == [NOON, NOON + 2]
    for pane in part:
        assert pane.rows == whole[pane.pane].rows
        assert pane.cells.tolist() == whole[pane.pane].cells.tolist()
        assert pane.counts.tolist() == whole[pane.pane].counts.tolist()
    assert tuple(found.recount(np.zeros(0, np.int64))) == ()
    assert found.weight >= 50 * (8 + 8 + 8 + 1 + 4 + 1)


def part(numbers: range, *, key: bytes | None = KEY) -> CountedBatch:
    """A piece of an object: rows by number, a minute apart."""
    schema = Schema((*SCHEMA.features, Feature("at", Kind.IGNORED, Role.TIMESTAMP)))
    grids = StoredGridSet(1, 1, GridSet((("x", Grid.numeric([0.0, 5.0, 9.0])),)))
    envelope = Envelope(1, "k", bytes(16), "v", "s3", True, START + HOUR, None, key)
    times = [START + timedelta(minutes=number) for number in numbers]
    columns = {
        "id": pl.Series([f"row {number}" for number in numbers]),
        "x": pl.Series([float(number % 11) for number in numbers]),
        "at": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
    }
    return tally(Table(columns, len(numbers)), schema, grids, envelope, Settings())


def test_parts_of_an_object_are_as_the_whole() -> None:
    whole, parts = part(range(40)), add(part(range(22)), part(range(22, 40)))
    assert parts.identified is not None
    assert whole.identified is not None
    assert parts.identified.hashes.tolist() == whole.identified.hashes.tolist()
    for chosen in (range(0, 40, 3), range(10), range(30, 40), range(0)):
        rows = np.array(chosen, np.int64)
        one, other = (
            [(pane.pane, pane.rows, pane.cells.tolist(), pane.counts.tolist()) for pane in found]
            for found in (parts.identified.recount(rows), whole.identified.recount(rows))
        )
        assert one == other


def test_too_many_rows_are_not_held() -> None:
    first = part(range(22))
    assert first.identified is not None
    heavy = replace(first, identified=replace(first.identified, weight=MOST_HELD))
    assert add(heavy, part(range(22, 40))).identified is None
    assert add(add(heavy, part(range(22, 30))), part(range(30, 40))).identified is None
    assert part(range(3), key=None).identified is None
