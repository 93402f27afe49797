"""Distinct values, their spread and the joining of neighbours, as numpy and Python have them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drift_core.kernels import distinct, join, spread_of

FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=32)
FINITE = st.floats(-1e300, 1e300)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(st.lists(FLOATS | st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0])))
@example([np.nan])
@example([0.0, -0.0, -0.0])
def test_distinct_values_are_numpy_s(dtype, values):
    column = np.array(values, dtype)
    expected, counts = np.unique(column[~np.isnan(column)] + 0.0, return_counts=True)
    found = distinct(column)
    assert found[0].dtype == np.float64
    np.testing.assert_array_equal(found[0], expected)
    assert not np.signbit(found[0][found[0] == 0]).any()
    np.testing.assert_array_equal(found[1], counts)


@given(st.dictionaries(FINITE, st.integers(1, 50), min_size=1))
def test_the_spread_is_the_mean_distance_from_the_median(rows):
    values = np.array(sorted(rows))
    counts = np.array([rows[value] for value in values.tolist()])
    line = np.repeat(values, counts)
    median = line[(line.size - 1) // 2]
    expected = np.abs(line / 2 - median / 2).mean()
    assert spread_of(values, counts) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def joined(rows, weights, widths, most, area):
    """Join one neighbour after another, by the two rules as they are put in words."""
    groups = [[0]]
    for k in range(1, len(rows)):
        group = [*groups[-1], k]
        many = sum(rows[i] for i in group) > most and sum(rows[i] for i in groups[-1]) > 0
        large = sum(weights[i] for i in group) * sum(widths[i] for i in group) > area
        if many or large:
            groups.append([k])
        else:
            groups[-1].append(k)
    return [group[0] for group in groups]


@given(
    st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1),
    st.integers(1, 20),
    st.integers(1, 200),
)
def test_neighbours_are_joined_as_long_as_they_are_little(neighbours, most, area):
    columns = np.array(neighbours, np.float64).T
    assert join(*columns, most, area).tolist() == joined(*columns, most, area)
