"""Laws that every statistic in the folder keeps; a new file is judged here unasked."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift_core import STATISTICS, Grid
from tests.core.stats.lines import axis_of, inserted

every = pytest.mark.parametrize("statistic", STATISTICS.values(), ids=list(STATISTICS))
numeric = [found for found in STATISTICS.values() if "numeric" in found.kinds]
pairs = arrays(np.int64, (2, 7), elements=st.integers(0, 60))
points = arrays(np.bool_, 7)
FLOATS = ("value", "lower", "upper", "effect", "p_value", "null_mean")


def single(statistic, ref, cur, axis):
    return statistic.pick(statistic.evaluate(ref, cur, axis), ())


@every
@given(pairs, points)
def test_numbers_are_finite_in_range_and_ordered(statistic, pair, point):
    found = single(statistic, *pair, axis_of(point))
    if found.value is None:
        assert found.reason is not None
        return
    assert pair.sum(1).all()
    low, high = statistic.range
    upper = math.inf if found.upper is None else found.upper
    assert low - 1e-12 <= found.lower <= found.value <= upper + 1e-15
    assert found.value <= high + 1e-12
    assert found.upper is None or upper <= high + 1e-12
    assert math.isfinite(found.effect)
    assert 0 < found.p_value <= 1
    assert found.reason is None


@every
@given(pairs, points)
def test_without_rows_there_is_a_reason_and_nothing_else(statistic, pair, point):
    nothing = np.zeros(7, np.int64)
    for ref, cur in ((pair[0], nothing), (nothing, pair[1]), (nothing, nothing)):
        found = single(statistic, ref, cur, axis_of(point))
        assert found.reason == ("no_current_rows" if ref.any() else "no_reference_rows")
        assert [getattr(found, name) for name in FLOATS] == [None] * len(FLOATS)
        assert found.contributions is None


@every
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("rows", [(1, 1), (5, 1), (1, 10**9), (10**12, 10**12)])
def test_one_row_and_very_many(statistic, size, rows):
    ref, cur = np.zeros((2, size), np.int64)
    ref[0], cur[-1] = rows
    found = single(statistic, ref, cur, axis_of(np.ones(size, bool)))
    assert (found.value is None) == (found.reason is not None)
    assert 0 < found.p_value <= 1
    if size == 1:
        assert (found.value, found.p_value) == (0.0, 1.0)


@every
@given(pairs, points, arrays(np.int64, 4, elements=st.integers(0, 7)))
def test_cells_empty_on_both_sides_change_nothing(statistic, pair, point, places):
    axis = axis_of(point)
    found = single(statistic, *pair, axis)
    ref, cur = (np.insert(side, places, 0) for side in pair)
    padded = single(statistic, ref, cur, inserted(axis, places))
    assert found.reason == padded.reason
    for name in FLOATS:
        a, b = getattr(found, name), getattr(padded, name)
        assert a == b or a == pytest.approx(b, rel=1e-9, abs=1e-12)


@every
@given(arrays(np.int64, 7, elements=st.integers(0, 60)).filter(np.any), points)
def test_equal_counts_are_no_drift(statistic, counts, point):
    found = single(statistic, counts, counts, axis_of(point))
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert found.p_value > 0.5
    # three times the rows in the same shares say no more
    assert single(statistic, counts, 3 * counts, axis_of(point)).p_value > 0.5


@every
@given(pairs, points)
def test_symmetry_where_declared(statistic, pair, point):
    there = single(statistic, pair[0], pair[1], axis_of(point))
    back = single(statistic, pair[1], pair[0], axis_of(point))
    if statistic.symmetric and there.value is not None:
        assert there.value == pytest.approx(back.value, rel=1e-9, abs=1e-12)


@every
def test_what_is_not_declared_symmetric_is_not(statistic):
    ref, cur = np.array([[8, 8, 8, 0, 0], [0, 0, 9, 0, 90]])
    axis = axis_of(np.zeros(5, bool), [1, 2, 3, 4, 5])
    there, back = (single(statistic, *pair, axis).value for pair in ((ref, cur), (cur, ref)))
    assert statistic.symmetric == (there == pytest.approx(back))


@every
@given(pairs)
def test_contributions_sum_to_the_value(statistic, pair):
    found = single(statistic, *pair, axis_of(np.ones(7, bool)))
    if found.contributions is not None and found.value is not None:
        assert found.contributions.sum() == pytest.approx(found.value, rel=1e-9, abs=1e-9)


@every
def test_leading_axes_are_single_pairs_side_by_side(statistic):
    rng = np.random.default_rng(1)
    ref, cur = rng.poisson(3, (2, 3, 9)), rng.poisson(2, (2, 3, 9))
    ref[0, 1] = 0
    ref[1, 1, 1:] = 0
    axis = axis_of(rng.random((2, 3, 9)) < 0.5, rng.random((2, 3, 9)))
    many = statistic.evaluate(ref, cur, axis)
    for at in np.ndindex(2, 3):
        alone = type(axis)(axis.point[at], axis.lower[at], axis.upper[at])
        one = single(statistic, ref[at], cur[at], alone)
        for field in dataclasses.fields(one):
            a, b = getattr(statistic.pick(many, at), field.name), getattr(one, field.name)
            assert np.array_equal(a, b) or a == pytest.approx(b, rel=1e-12)


@every
@given(pairs)
def test_merging_never_raises_an_f_divergence(statistic, pair):
    merged = pair.reshape(2, -1)[:, :6].reshape(2, 3, 2).sum(-1)
    fine = single(statistic, pair[0][:6], pair[1][:6], axis_of(np.ones(6, bool)))
    if statistic.f_divergence and fine.value is not None:
        coarse = single(statistic, *merged, axis_of(np.ones(3, bool)))
        assert coarse.value <= fine.value + 1e-9


@pytest.mark.parametrize("statistic", numeric, ids=[found.name for found in numeric])
@given(st.integers(0, 10_000), st.sampled_from([16, 24, 40]), st.sampled_from([0, 1, 8]))
def test_bounds_hold_what_the_rows_themselves_give(statistic, seed, max_cells, digits):
    rng = np.random.default_rng(seed)
    reference = np.round(rng.normal(size=rng.integers(2, 120)), digits)
    current = np.round(rng.normal(rng.normal(), rng.uniform(0.2, 2), rng.integers(1, 90)), digits)
    coarse = Grid.numeric(reference, max_cells=max_cells)
    # with every value a cell of its own, nothing is hidden; bins stay those of the coarse grid
    exact = Grid.numeric(np.concatenate((reference, current)))
    found = statistic(coarse.count(reference), coarse.count(current))
    if statistic.reads == "bins":
        assert found.lower == found.value == found.upper
        return
    raw = statistic(exact.count(reference), exact.count(current))
    if raw.value is None:
        assert raw.reason == "constant_reference"
        return
    slack = 1e-9 * max(1.0, raw.value)
    assert raw.lower == pytest.approx(raw.value, rel=1e-12)
    assert raw.upper == pytest.approx(raw.value, rel=1e-12)
    assert found.lower - slack <= raw.value
    assert found.upper is None or raw.value <= found.upper + slack
