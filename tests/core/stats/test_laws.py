"""Laws that every statistic in the folder keeps; a new file is judged here unasked."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift_core import STATISTICS
from drift_core.stats import Axis

every = pytest.mark.parametrize("statistic", STATISTICS.values(), ids=list(STATISTICS))
pairs = arrays(np.int64, (2, 7), elements=st.integers(0, 60))
points = arrays(np.bool_, 7)


def single(statistic, ref, cur, axis):
    return statistic.pick(statistic.evaluate(ref, cur, axis), ())


@every
@given(pairs, points)
def test_numbers_are_finite_in_range_and_ordered(statistic, pair, point):
    found = single(statistic, *pair, Axis(point))
    if not pair.sum(1).all():
        assert found.value is None
        assert found.reason is not None
        return
    low, high = statistic.range
    assert low - 1e-12 <= found.lower <= found.value <= found.upper <= high + 1e-12
    assert math.isfinite(found.effect)
    assert 0 < found.p_value <= 1
    assert found.reason is None


@every
@given(pairs, points, arrays(np.int64, 4, elements=st.integers(0, 7)))
def test_cells_empty_on_both_sides_change_nothing(statistic, pair, point, places):
    found = single(statistic, *pair, Axis(point))
    ref, cur = (np.insert(side, places, 0) for side in pair)
    padded = single(statistic, ref, cur, Axis(np.insert(point, places, False)))
    for name in ("value", "lower", "upper", "effect", "p_value", "null_mean"):
        a, b = getattr(found, name), getattr(padded, name)
        assert a == b or a == pytest.approx(b, rel=1e-9, abs=1e-12)


@every
@given(arrays(np.int64, 7, elements=st.integers(0, 60)).filter(np.any), points)
def test_equal_counts_are_no_drift(statistic, counts, point):
    found = single(statistic, counts, counts, Axis(point))
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert found.p_value > 0.5


@every
@given(pairs, points)
def test_symmetry_where_declared(statistic, pair, point):
    there = single(statistic, pair[0], pair[1], Axis(point))
    back = single(statistic, pair[1], pair[0], Axis(point))
    if statistic.symmetric and there.value is not None:
        assert there.value == pytest.approx(back.value, rel=1e-9, abs=1e-12)


@every
@given(pairs)
def test_contributions_sum_to_the_value(statistic, pair):
    found = single(statistic, *pair, Axis())
    if found.contributions is not None and found.value is not None:
        assert found.contributions.sum() == pytest.approx(found.value, rel=1e-9, abs=1e-12)


@every
def test_leading_axes_are_single_pairs_side_by_side(statistic):
    rng = np.random.default_rng(1)
    ref, cur = rng.poisson(3, (2, 3, 9)), rng.poisson(2, (2, 3, 9))
    ref[0, 1] = 0
    point = rng.random((2, 3, 9)) < 0.5
    many = statistic.evaluate(ref, cur, Axis(point))
    for at in np.ndindex(2, 3):
        one = single(statistic, ref[at], cur[at], Axis(point[at]))
        for field in dataclasses.fields(one):
            a, b = getattr(statistic.pick(many, at), field.name), getattr(one, field.name)
            assert np.array_equal(a, b) or a == pytest.approx(b, rel=1e-12)


@every
@given(pairs)
def test_merging_never_raises_an_f_divergence(statistic, pair):
    merged = pair.reshape(2, -1)[:, :6].reshape(2, 3, 2).sum(-1)
    fine = single(statistic, pair[0][:6], pair[1][:6], Axis())
    if statistic.f_divergence and fine.value is not None:
        assert single(statistic, *merged, Axis()).value <= fine.value + 1e-12
