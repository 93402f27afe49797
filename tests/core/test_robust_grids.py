"""Grids that hold against ties, outliers, many levels, and references that come in pieces."""

import numpy as np
import pytest

from drift_core import STATISTICS, Grid, State, judge, reference


def drifted(ref, cur):
    return judge({"x": ref}, {"x": cur}).state is State.DRIFT


@pytest.mark.parametrize("constant", [0.0, -3.5, 1e12, np.inf])
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("step", ["next float", "far"])
def test_a_constant_that_moves_to_either_side_fires_at_once(constant, side, step):
    towards = np.nextafter(constant, side * np.inf) if step == "next float" else side * 1e15
    if towards == constant:
        return
    grid, ref = reference(np.full(2_000, constant), "numeric")
    assert drifted(ref, grid.count(np.repeat([constant, towards], [100, 100])))
    assert drifted(ref, grid.count(np.full(100, towards)))


def test_one_far_value_does_not_hide_a_shift():
    rng = np.random.default_rng(1)
    clean = rng.normal(size=5_000)
    for spoilt in (clean, np.append(clean, 1e6), np.append(clean, [1e300, -1e300, np.inf])):
        grid, ref = reference(spoilt, "numeric")
        cur = grid.count(rng.normal(1, 1, 500))
        assert STATISTICS["psi"](ref, cur).value > 0.7
        assert STATISTICS["ks"](ref, cur).value > 0.3
        assert drifted(ref, cur)


@pytest.mark.parametrize(
    "weights",
    [
        1 / np.arange(1, 101),
        1 / np.arange(1, 1_001),
        1 / np.arange(1, 20_001),
        np.ones(5_000),
        np.ones(60),
    ],
    ids=["zipf 100", "zipf 1000", "zipf 20000", "flat 5000", "flat 60"],
)
def test_many_levels_without_drift_stay_below_the_threshold(weights):
    rng, share = np.random.default_rng(2), weights / weights.sum()
    psi, effects, p_values = STATISTICS["psi"], [], []
    for _ in range(12):
        rows = rng.choice(weights.size, 4_000, p=share)
        grid, ref = reference([f"level {row}" for row in rows], "categorical")
        cur = grid.count([f"level {row}" for row in rng.choice(weights.size, 3_000, p=share)])
        found = psi(ref, cur)
        effects.append(found.effect)
        p_values.append(found.p_value)
        # even what is shown, without its null mean taken off
        assert found.value < psi.warning
    assert max(effects) < psi.warning / 2
    assert np.mean(np.array(p_values) <= 0.05) <= 0.34


def test_pieces_in_any_order_count_like_the_whole():
    rng = np.random.default_rng(3)
    values = np.where(rng.random(9_000) < 0.3, 0.0, rng.lognormal(0, 3, 9_000))
    values[::50] = np.nan
    grid = Grid.numeric(values[:3_000])
    pieces = np.split(rng.permutation(values), [10, 500, 4_000])
    assert sum((grid.count(piece) for piece in pieces), grid.zero()) == grid.count(values)


def test_kept_as_bins_of_their_own_the_levels_would_look_like_drift():
    # the negative control: what pooling is for
    rng, share = np.random.default_rng(4), 1 / np.arange(1, 1_001)
    share /= share.sum()
    names = [f"level {row}" for row in rng.choice(share.size, 4_000, p=share)]
    grid = Grid.categorical(names, max_bins=1_000, min_bin_share=0.0)
    later = [f"level {row}" for row in rng.choice(share.size, 3_000, p=share)]
    assert STATISTICS["psi"](grid.count(names), grid.count(later)).value > 0.2


@pytest.mark.parametrize("nothing", [[], [None] * 500, [float("nan")] * 500])
def test_a_reference_without_values_is_told_and_not_judged(nothing):
    grid, ref = reference(nothing, "numeric")
    found = judge({"x": ref}, {"x": grid.count(np.arange(500.0))}).features["x"]
    if nothing:
        # all missing before and none now: that is seen by the missing bin
        assert found.state is State.DRIFT
        assert "bin:0" in found.rules
    else:
        assert (found.state, found.reason) == (State.INSUFFICIENT_DATA, "no_reference_rows")
