"""What looks wrong in a reference: found with value, distance and rows; nothing in good columns."""

import numpy as np
import pytest

from drift_core import Finding, examine
from tests.core.nasty import CONTINUOUS

WIND = np.random.default_rng(1).gamma(4, 2.5, 2_000).clip(0, 42)


@pytest.mark.parametrize("shape", CONTINUOUS)
def test_nothing_is_found_in_good_numbers(shape):
    column = CONTINUOUS[shape](np.random.default_rng(2), 5_000)
    assert examine(column, "numeric") == ()


def test_a_wind_of_a_thousand_miles_an_hour_is_told_with_distance_and_rows():
    (found,) = examine([*WIND, 1_048.0, 1_048.0], "numeric")
    assert (found.code, found.rows, found.value) == ("outlier", 2, 1_048.0)
    spread = WIND.max() - WIND.min()
    assert found.distance == pytest.approx((1_048 - WIND.max()) / spread)


def test_several_bad_values_do_not_hide_one_another():
    (found,) = examine([*WIND, 900.0, 1_048.0, 1_048.3], "numeric")
    assert (found.rows, found.value) == (3, 1_048.3)


@pytest.mark.parametrize("bad", [-9_999.0, -1e308])
def test_both_ends_are_looked_at(bad):
    (found,) = examine([*WIND, bad], "numeric")
    assert (found.code, found.rows, found.value) == ("outlier", 1, bad)
    both = examine([*WIND, bad, 1e4 if bad > -1e308 else 1e308], "numeric")
    assert [finding.value for finding in both] == [1e4 if bad > -1e308 else 1e308, bad]


def test_two_clusters_are_no_outliers():
    column = np.concatenate((WIND, WIND[:1_000] + 1_000))
    assert examine(column, "numeric") == ()


@pytest.mark.parametrize(
    ("column", "kind", "found"),
    [
        ([1.5] * 30, "numeric", [Finding("constant", 30)]),
        ([None] * 3, "numeric", [Finding("all_missing", 3)]),
        ([None, None, "x"], "numeric", [Finding("invalid", 1), Finding("all_missing", 2)]),
        ([None, None, 1.0, 2.0, None], "numeric", [Finding("mostly_missing", 3)]),
        ([1.0, 2.0, np.inf, -np.inf], "numeric", [Finding("infinite", 2)]),
        ([], "numeric", []),
        (["a", "a", None, (1,)], "categorical", [Finding("invalid", 1), Finding("constant", 2)]),
        ([None], "categorical", [Finding("all_missing", 1)]),
        (["a", "b"], "categorical", []),
    ],
)
def test_what_a_column_lacks(column, kind, found):
    assert list(examine(column, kind)) == found
