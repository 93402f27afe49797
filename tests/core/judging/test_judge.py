"""Windows judged together are windows judged one by one, to the bit."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core import STATISTICS, BadCounts, Grid, Judge, Policy, State, judge, reference

SHAPES = ("normal", "rounded", "zeros", "flag", "constant", "levels", "small", "empty", "coarse")


def drawn(shape, rows, rng, shift=0.0):
    values = rng.normal(shift, 1 + shift / 3, rows)
    match shape:
        case "rounded":
            return np.round(values, 1)
        case "zeros":
            return np.where(rng.random(rows) < 0.7, 0.0, values)
        case "flag":
            return (values > 1.6) * 1.0
        case "constant":
            return np.full(rows, 7.0 + (shift > 0.5))
        case "levels":
            return [f"level {min(int(abs(v) * 4), 9)}" for v in values]
        case _:
            return np.where(rng.random(rows) < 0.05, np.nan, values)


def referred(shape, rng):
    if shape == "levels":
        return reference(drawn(shape, 3_000, rng), "categorical")[1]
    rows = {"small": 30, "empty": 0}.get(shape, 2_000)
    values = drawn(shape, rows, rng)
    return Grid.numeric(values, max_cells=16 if shape == "coarse" else 256).count(values)


def same(found, expected):
    for name, one in expected.features.items():
        other = found.features[name]
        for field in dataclasses.fields(one):
            a, b = getattr(one, field.name), getattr(other, field.name)
            if field.name != "estimates":
                assert a == b, (name, field.name)
        assert one.estimates.keys() == other.estimates.keys()
        for key, estimate in one.estimates.items():
            for field in dataclasses.fields(estimate):
                a, b = getattr(estimate, field.name), getattr(other.estimates[key], field.name)
                assert np.array_equal(a, b), (name, key, field.name)
    assert list(found.features) == list(expected.features)
    for part in ("state", "warning", "page", "reason"):
        assert getattr(found, part) == getattr(expected, part)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(SHAPES), min_size=1, max_size=12),
    st.lists(st.sampled_from([0, 1, 40, 300, 1_500]), min_size=1, max_size=6),
    st.integers(0, 10_000),
)
def test_a_batch_is_its_windows_one_by_one(shapes, rows, seed):
    rng = np.random.default_rng(seed)
    ref = {f"{i} {shape}": referred(shape, rng) for i, shape in enumerate(shapes)}
    bench = Judge.of(ref, Policy(page_level=1e-4))
    windows = []
    for size in rows:
        drift = rng.choice([0.0, 0.2, 1.0], len(shapes))
        given_rows = zip(ref.items(), shapes, drift, strict=True)
        windows.append(
            {
                name: counts.grid.count(drawn(shape, size, rng, shift))
                for (name, counts), shape, shift in given_rows
            }
        )
    found = bench.windows(
        np.stack([bench.grids.join(window) for window in windows]), contributions=True
    )
    for at, window in enumerate(windows):
        alone = judge(ref, window, Policy(page_level=1e-4))
        same(found.window(at), alone)
        same(bench.window(window), alone)
        states = {state: found.windows_where(state)[at] for state in State}
        assert [state for state, here in states.items() if here] == [alone.state]
        for number, verdict in enumerate(alone.features.values()):
            assert [s for s in State if found.where(s)[at, number]] == [verdict.state]
            assert found.warning[at, number] == verdict.warning
            assert found.page[at, number] == verdict.page


def test_blocks_leave_no_trace():
    # more windows and features than one block holds, and a feature of another size among them
    rng = np.random.default_rng(4)
    values = rng.normal(size=5_000)
    wide, narrow = Grid.numeric(values), Grid.numeric(np.round(values))
    ref = {f"f{i}": wide.count(values) for i in range(130)}
    ref["narrow"] = narrow.count(np.round(values))
    bench = Judge.of(ref)
    one = np.concatenate([counts.cells for counts in ref.values()]) // 10
    vectors = np.stack([rng.permutation(one) if at == 6 else one for at in range(9)])
    found = bench.windows(vectors)
    for at in (0, 6, 8):
        single = bench.windows(vectors[at : at + 1])
        for name in ("p_value", "p_adjusted", "drift", "moved", "rows"):
            np.testing.assert_array_equal(getattr(found, name)[at], getattr(single, name)[0])
    assert found.windows_where(State.DRIFT).tolist() == [at == 6 for at in range(9)]


def test_every_statistic_can_be_asked_for_in_a_batch():
    rng = np.random.default_rng(5)
    ref = {"x": referred("zeros", rng), "y": referred("levels", rng), "z": referred("flag", rng)}
    kinds = ("numeric", "categorical")
    policy = Policy(
        statistics={
            kind: tuple(name for name, one in STATISTICS.items() if kind in one.kinds)
            for kind in kinds
        }
    )
    bench = Judge.of(ref, policy)
    found = bench.windows(np.stack([bench.grids.join(ref), bench.grids.zero()]))
    for number, (name, counts) in enumerate(ref.items()):
        for key in policy.statistics[counts.grid.kind]:
            alone = STATISTICS[key](counts, counts)
            many = found.window(0).features[name].estimates[key]
            assert many.value == pytest.approx(alone.value, rel=1e-12, abs=1e-12)
            assert many.p_value == pytest.approx(alone.p_value, rel=1e-9)
            assert many.contributions is None
            assert np.isnan(found.estimates[key].value[1, number])
    assert found.window(1).state is State.INSUFFICIENT_DATA


def test_counts_that_cannot_be_are_refused():
    rng = np.random.default_rng(6)
    bench = Judge.of({"x": referred("flag", rng)})
    size = bench.grids.size
    for wrong in (np.zeros((2, size + 1), int), np.zeros((2, size)), np.full((1, size), -1)):
        with pytest.raises(BadCounts):
            bench.windows(wrong)


def test_no_windows_and_no_features():
    bench = Judge.of({"x": referred("flag", np.random.default_rng(7))})
    assert bench.windows(np.zeros((0, bench.grids.size), int)).p_value.shape == (0, 1)
    nothing = Judge.of({})
    found = nothing.windows(np.zeros((2, 0), int))
    assert found.window(1).reason == "no_features"
    assert found.windows_where(State.INSUFFICIENT_DATA).all()
