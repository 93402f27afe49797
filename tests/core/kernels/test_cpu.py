"""The counting loops against numpy, for every type and layout they take."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core import BadValues
from drift_core.kernels import tally_codes, tally_sorted, warm_up

any_float = st.floats(width=32)
number = st.floats(width=32, allow_nan=False)


@given(st.lists(any_float, max_size=600), st.lists(number, max_size=40))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sorted_edges(dtype, values, edges):
    column, sorted_edges = np.array(values, dtype), np.sort(np.array(edges, dtype))
    nan = np.isnan(column)
    places = np.searchsorted(sorted_edges, column[~nan], side="right")
    expected = [nan.sum(), *np.bincount(places, minlength=len(edges) + 1)]
    assert tally_sorted(column, sorted_edges).tolist() == expected


@pytest.mark.parametrize("edges", [0, 1, 2, 3, 7, 8, 1023, 1024, 2047])
def test_every_depth_of_the_search(edges):
    rng = np.random.default_rng(edges)
    cuts, values = np.sort(rng.normal(size=edges)), rng.normal(size=3_001)
    expected = np.bincount(np.searchsorted(cuts, values, side="right"), minlength=edges + 1)
    assert tally_sorted(values, cuts)[1:].tolist() == expected.tolist()


@given(st.lists(st.integers(-3, 9), max_size=300))
def test_codes(values):
    codes = np.array(values, np.int64)
    inside = [(codes == code).sum() for code in range(-1, 5)]
    beyond = ((codes < -1) | (codes > 4)).sum()
    assert tally_codes(codes, 5).tolist() == [*inside, beyond]


def test_huge_codes_are_out_of_range():
    codes = np.array([2**63 - 1, -(2**63), 0], np.int64)
    assert tally_codes(codes, 1).tolist() == [0, 1, 2]


def test_arrays_of_no_known_machine_are_refused():
    with pytest.raises(BadValues, match="memoryview"):
        tally_sorted(memoryview(b"x"), np.zeros(1))


LINES = {
    "even": lambda rng: rng.normal(size=500),
    "one outlier": lambda rng: np.append(rng.normal(size=500), 1e300),
    "far apart": lambda rng: rng.lognormal(0, 8, 500),
    "both infinities": lambda rng: np.append(rng.normal(size=40), [np.inf, np.inf, -np.inf]),
    "pairs": lambda rng: np.repeat(rng.normal(size=60), 2) + np.tile([0, 1e-9], 60),
    "two": lambda rng: rng.random(2),
    "equal": lambda rng: np.repeat(rng.normal(), 5),
    "subnormal": lambda rng: rng.normal(size=50) * 1e-310,
    "whole range": lambda rng: rng.normal(size=50) * 1e307,
}


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_long_columns_over_any_line(line, dtype):
    rng = np.random.default_rng(3)
    with np.errstate(over="ignore", under="ignore"):
        edges = np.sort(LINES[line](rng)).astype(dtype)
        beside = [np.nextafter(edges, dtype(side)) for side in (-np.inf, np.inf)]
        odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 5e-324, 1e308, -1e308]).astype(dtype)
        bulk = np.concatenate([rng.normal(size=30_000), LINES[line](rng)]).astype(dtype)
    column = rng.permutation(np.concatenate([edges, *beside, odd, bulk]))
    nan = np.isnan(column)
    places = np.searchsorted(edges, column[~nan], side="right")
    expected = [nan.sum(), *np.bincount(places, minlength=edges.size + 1)]
    assert tally_sorted(column, edges).tolist() == expected


def test_threads_count_alike():
    values = np.random.default_rng(1).normal(size=200_000)
    values.flags.writeable = False
    edges = np.sort(np.random.default_rng(2).normal(size=500))
    alone = tally_sorted(values, edges)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: tally_sorted(values, edges), range(12)))
    assert all(np.array_equal(found, alone) for found in together)


def test_warming_up_is_repeatable():
    warm_up()
    warm_up()
