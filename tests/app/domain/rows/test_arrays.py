"""Arrow's arrays say where they lie what their series say."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.counts.counting import count, place, some
from app.domain.model import Feature, Kind, Precision, TimeUnit
from app.domain.rows.arrays import ArrowColumn, lies_plain
from app.domain.rows.buffers import NumberColumn
from app.domain.rows.flat import Columns, countable_of
from app.domain.rows.times import event_times, to_micros
from app.domain.rows.values import Numbers, countable
from drift_core import CategoricalGrid, Coded

LEVELS = CategoricalGrid(("a", "level 12 of many", "17"), 2, ("rare", "é"))
KINDS = [
    *(pa.float32(), pa.float64(), pa.int8(), pa.int16(), pa.int32(), pa.int64()),
    *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
]
WORDS = st.one_of(
    st.sampled_from(["a", "level 12 of many", "17", "17.0", "rare", "é", ""]), st.text(max_size=20)
).filter(lambda text: "\0" not in text)


def values_of(kind: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_floating(kind):
        return st.floats(width=kind.bit_width)
    low = -(2 ** (kind.bit_width - 1)) if pa.types.is_signed_integer(kind) else 0
    return st.integers(low, low + 2**kind.bit_width - 1)


@st.composite
def numbers(draw: st.DrawFn) -> pa.Array:
    kind = draw(st.sampled_from(KINDS))
    return pa.array(draw(st.lists(st.none() | values_of(kind), min_size=1)), kind)


@st.composite
def texts(draw: st.DrawFn) -> pa.Array:
    kind = draw(st.sampled_from([pa.string(), pa.large_string(), pa.string_view()]))
    return pa.array(draw(st.lists(st.none() | WORDS, min_size=1)), kind)


@st.composite
def instants(draw: st.DrawFn) -> pa.Array:
    near = st.integers(0, to_micros(datetime(2199, 12, 31, tzinfo=UTC)))
    far = st.integers(-(2**63), 2**63 - 1)
    kind = pa.timestamp(draw(st.sampled_from(["us", "ns"])), draw(st.sampled_from([None, "UTC"])))
    some_times = draw(st.lists(near | st.none() if draw(st.booleans()) else near | far, min_size=1))
    return pa.array(some_times, pa.int64()).cast(kind)


@given(numbers(), st.integers(0, 3), st.sampled_from(Precision))
def test_numbers_are_those_of_the_series(array: pa.Array, skip: int, precision: Precision) -> None:
    feature = Feature("n", Kind.NUMERIC, precision=precision)
    column = ArrowColumn(array[skip:])
    found = countable_of(column, feature)
    expected = countable(column.series(), feature, untyped=False)
    assert isinstance(found, Numbers)
    assert isinstance(expected, Numbers)
    assert found.values.dtype == expected.values.dtype
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.invalid, expected.invalid)


@given(texts(), st.integers(0, 3), st.data())
def test_texts_are_counted_as_the_series_are(
    array: pa.Array, skip: int, data: st.DataObject
) -> None:
    feature = Feature("t", Kind.CATEGORICAL)
    column = ArrowColumn(array[skip:])
    found = countable_of(column, feature)
    expected = countable(column.series(), feature, untyped=False)
    assert found is not None
    assert count(LEVELS, found) == count(LEVELS, expected)
    assert place(LEVELS, found).tolist() == place(LEVELS, expected).tolist()
    size = len(array[skip:])
    picked = np.array(
        sorted(data.draw(st.sets(st.integers(0, size - 1)))) if size else [], np.int64
    )
    assert count(LEVELS, found, picked) == count(LEVELS, expected, picked)
    assert place(LEVELS, some(found, picked)).tolist() == place(LEVELS, found)[picked].tolist()


@given(instants(), st.integers(0, 3))
def test_times_are_those_of_the_series_where_all_can_be_used(array: pa.Array, skip: int) -> None:
    column = ArrowColumn(array[skip:])
    found = column.micros(None)
    expected = event_times(column.series(), None, untyped=False)
    if found is None:
        assert expected.problems.any() or not len(array[skip:])
    else:
        assert not expected.problems.any()
        assert found.tolist() == expected.micros.tolist()


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31", "x", None])
def test_times_in_views_are_read_or_left(text: str | None) -> None:
    column = ArrowColumn(pa.array(["2026-01-31T12:00:00.5+01:00", text], pa.string_view()))
    found = column.micros(None)
    expected = event_times(column.series(), None, untyped=False)
    assert found is None or found.tolist() == expected.micros.tolist()
    assert (found is not None) == (text == "2026-01-31T12:00:00Z")


@given(st.lists(st.floats(), min_size=1), st.integers(1, 7))
def test_numbers_may_lie_anywhere(values: list[float], skip: int) -> None:
    memory = bytes(skip) + np.array(values).tobytes()
    array = pa.Array.from_buffers(
        pa.float64(), len(values), [None, pa.py_buffer(memory).slice(skip)]
    )
    found = ArrowColumn(array).numbers()
    assert found is not None
    assert found.values.flags.aligned
    np.testing.assert_array_equal(found.values, values)


def test_other_types_are_left_to_the_series() -> None:
    column = ArrowColumn(pa.array([1, 2]))
    assert countable_of(column, Feature("n", Kind.CATEGORICAL)) is None
    assert column.micros(TimeUnit.SECONDS) is None
    assert ArrowColumn(pa.array(["a"])).numbers() is None
    assert ArrowColumn(pa.array(["2026-01-31T12:00:00Z"])).micros(None) is None
    assert ArrowColumn(pa.array([1], pa.timestamp("ms"))).micros(None) is None
    assert not lies_plain(pa.timestamp("s"))
    assert not lies_plain(pa.bool_())


def test_columns_become_series_where_they_are_asked_for() -> None:
    coded = Coded(np.zeros(1, np.int32), ("a",))
    columns = Columns({"a": ArrowColumn(pa.array([1])), "b": [None], "c": coded})
    assert columns["a"].to_list() == [1]  # type: ignore[union-attr]
    assert columns["a"].name == "a"  # type: ignore[union-attr]
    assert list(columns) == ["a", "b", "c"]
    assert "a" in columns
    assert columns.get("d") is None
    assert list(columns.flat) == ["a"]
    assert columns["c"] is coded


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), st.booleans())
def test_numbers_of_numpy_are_those_of_the_series(values: list[int], whole: bool) -> None:
    column = NumberColumn(np.array(values, np.int64 if whole else np.float64))
    feature = Feature("n", Kind.NUMERIC)
    expected = countable(column.series(), feature, untyped=False)
    found = column.numbers()
    assert isinstance(expected, Numbers)
    assert found.values.dtype == np.float64
    np.testing.assert_array_equal(found.values, expected.values)
    assert countable_of(column, Feature("n", Kind.CATEGORICAL)) is None
