"""Columns as callers have them: lists, odd types, masks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from drift_core import BadValues, Grid, reference
from drift_core.columns.plain import mask_of, numbers_of


def test_floats_pass_without_a_copy():
    for dtype in (np.float32, np.float64):
        column = np.zeros(3, dtype)
        assert numbers_of(column).floats is column


@pytest.mark.parametrize(
    ("values", "floats", "invalid"),
    [
        ([1, 2.5, True], [1.0, 2.5, 1.0], 0),
        ([None, float("nan")], [np.nan, np.nan], 0),
        (["1", b"1", [1], {}], [np.nan] * 4, 4),
        ([np.int8(3), np.float32(0.5), np.True_], [3.0, 0.5, 1.0], 0),
        ([10**400, -(10**400)], [np.inf, -np.inf], 0),
        ((x for x in (1, None)), [1.0, np.nan], 0),
        (np.array([1, None, "x"], object), [1.0, np.nan, np.nan], 1),
        (np.array(["a", "b"]), [np.nan, np.nan], 2),
        ([Decimal("1.5"), Decimal("sNaN"), Decimal("1e400")], [1.5, np.nan, np.inf], 0),
        ([datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)], [np.nan] * 2, 2),
        (
            [timedelta(1), timedelta(milliseconds=-1), np.timedelta64(2, "m")],
            [86400, -0.001, 120],
            0,
        ),
        ([np.datetime64("2024"), np.complex128(1j), 1j, np.timedelta64("NaT")], [np.nan] * 4, 3),
        ([2**53, 2**53 + 1, np.uint64(2**64 - 1)], [2.0**53, 2.0**53, 2.0**64], 0),
    ],
)
def test_parsing(values, floats, invalid):
    found = numbers_of(values)
    np.testing.assert_array_equal(found.floats, floats)
    assert found.invalid == invalid


def test_masks_turn_rows_into_nan_and_invalid_wins():
    missing, invalid = np.array([True, True, False, False]), np.array([False, True, False, False])
    found = numbers_of([1, 2, "x", 4], missing, invalid)
    np.testing.assert_array_equal(found.floats, [np.nan, np.nan, np.nan, 4.0])
    assert found.invalid == 2


def test_a_missing_row_is_not_invalid_whatever_it_holds():
    assert numbers_of(["x", 1], np.array([True, False])).invalid == 0


def test_input_is_never_written_to():
    column, mask = np.array([1.0, 2.0]), np.array([True, False])
    numbers_of(column, mask, mask)
    assert column.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("mask", [[True], [0, 1], np.zeros((2, 1), np.bool_), "no"])
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(BadValues, match="a mask of 2 booleans"):
        mask_of(mask, 2)


def test_durations_are_seconds_whatever_their_unit():
    for unit, seconds in (("ns", 1e-9), ("ms", 1e-3), ("h", 3600.0), ("W", 604800.0)):
        column = np.array([3, "NaT", -1], f"timedelta64[{unit}]")
        np.testing.assert_allclose(numbers_of(column).floats, [3 * seconds, np.nan, -seconds])
        grid, counts = reference(column, "numeric")
        assert counts == grid.count(column)
        assert (counts.missing, counts.present) == (1, 2)


@pytest.mark.parametrize(
    ("kind", "way_out"),
    [
        ("datetime64[s]", "derive the hour, the weekday or an age"),
        ("timedelta64[M]", "give days or seconds"),
        ("complex128", "give its parts"),
        ([("a", "f8"), ("b", "f8")], "give its fields as columns"),
    ],
)
def test_columns_that_are_no_numbers_are_refused_with_the_way_out(kind, way_out):
    column = np.zeros(3, kind)
    for take in (numbers_of, Grid.numeric, Grid.numeric([1.0]).count):
        with pytest.raises(BadValues, match=f"a column of .* is not numeric.*{way_out}"):
            take(column)
