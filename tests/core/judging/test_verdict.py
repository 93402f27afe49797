"""Verdicts: evidence and effect, four states, and never a word where nothing is known."""

import numpy as np
import pytest

from drift_core import Grid, Policy, State, judge, reference

N, M = 10_000, 1_000


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def numeric(reference_values, current_values):
    grid = Grid.numeric(reference_values)
    return grid.count(reference_values), grid.count(current_values)


def verdict_of(pair, policy=None):
    window = judge({"x": pair[0]}, {"x": pair[1]}, policy or Policy())
    assert window.state == window.features["x"].state
    return window.features["x"]


def test_no_change_is_ok(rng):
    found = verdict_of(numeric(rng.normal(size=N), rng.normal(size=M)))
    assert (found.state, found.warning, found.page, found.reason) == (State.OK, False, False, None)
    assert found.p_value == found.p_adjusted
    assert list(found.estimates) == ["psi", "ks", "anderson_darling"]


def test_a_large_shift_is_drift_and_says_by_what(rng):
    found = verdict_of(numeric(rng.normal(size=N), rng.normal(1, 1, M)))
    assert found.state is State.DRIFT
    assert found.rules[:2] == ("psi", "ks")
    assert not found.page


def test_evidence_without_effect_is_ok(rng):
    found = verdict_of(numeric(rng.normal(size=200_000), rng.normal(0.02, 1, 200_000)))
    assert found.p_value < 1e-6
    assert (found.state, found.rules, found.warning) == (State.OK, (), False)


def test_effect_without_evidence_is_ok():
    grid = Grid.numeric([0.0, 1.0])
    found = verdict_of((grid.count([0, 1] * 15), grid.count([0] * 5 + [1] * 9)), Policy(min_rows=1))
    assert found.estimates["ks"].effect >= 0.1
    assert (found.state, found.rules) == (State.OK, ("ks",))


def test_a_moderate_effect_with_evidence_is_a_warning(rng):
    policy = Policy(thresholds={"psi": (0.1, 0.2), "ks": (None, None)}, gate_points=0.5)
    found = verdict_of(numeric(rng.normal(size=N), rng.normal(0.38, 1, 5 * M)), policy)
    assert 0.1 <= found.estimates["psi"].effect < 0.2
    assert (found.state, found.warning) == (State.OK, True)


@pytest.mark.parametrize("rows", [100, 650, 5_000])
def test_a_constant_that_starts_to_vary_is_drift(rng, rows):
    for current in (rng.normal(7, 1, rows), np.where(rng.random(rows) < 0.5, 7.0, 8.0)):
        assert verdict_of(numeric(np.full(5_000, 7.0), current)).state is State.DRIFT


def test_a_constant_that_stays_is_ok():
    assert verdict_of(numeric(np.full(N, 7.0), np.full(M, 7.0))).state is State.OK


def test_a_level_that_was_constant_and_changes_is_drift():
    grid, ref = reference(["a"] * 5_000, "categorical")
    found = verdict_of((ref, grid.count(["a"] * 500 + ["b"] * 150)))
    assert (found.state, found.rules) == (State.DRIFT, ("psi", "chi2", "bin:3"))


def test_a_window_of_missing_values_is_drift(rng):
    values = rng.normal(size=N)
    found = verdict_of(numeric(values, [None] * 200))
    assert found.state is State.DRIFT
    assert "bin:0" in found.rules
    assert (found.estimates["ks"].value, found.estimates["ks"].reason) == (None, "no_current_rows")


def test_missing_from_one_to_five_percent_is_drift_by_its_bin_alone(rng):
    def column(rows, share):
        return np.where(rng.random(rows) < share, np.nan, rng.normal(size=rows))

    found = verdict_of(numeric(column(N, 0.01), column(5 * M, 0.05)))
    assert (found.state, found.rules) == (State.DRIFT, ("bin:0",))


def test_wrong_types_are_drift(rng):
    found = verdict_of(numeric(rng.normal(size=N).tolist(), ["oops"] * 300))
    assert "bin:1" in found.rules


def test_a_float32_producer_is_no_drift(rng):
    for values in (rng.normal(size=N), np.round(rng.normal(size=N), 1), rng.lognormal(0, 3, N)):
        found = verdict_of(numeric(values, values.astype(np.float32)))
        assert found.estimates["ks"].value < 1e-3
        assert found.state is State.OK
        # a row in a narrow tail cell may change it: all but certain to the last digits
        assert found.p_value == pytest.approx(1.0, abs=1e-9)


def test_too_few_rows_say_how_many_are_needed(rng):
    found = verdict_of(numeric(rng.normal(size=N), rng.normal(size=40)))
    assert found.state is State.INSUFFICIENT_DATA
    assert found.reason == "few_rows: 40 rows, at least 91 are needed"
    assert (found.p_value, found.p_adjusted, found.rules) == (None, None, ())
    assert found.estimates["psi"].value is not None


def test_a_reference_too_small_for_its_bins_says_so(rng):
    found = verdict_of(numeric(rng.normal(size=60), rng.normal(size=M)))
    assert found.reason == "small_reference: 60 rows cannot carry 10 bins"


@pytest.mark.parametrize("rows", [0, 500])
def test_no_reference_rows(rng, rows):
    found = verdict_of(numeric([], rng.normal(size=rows)))
    assert (found.state, found.reason) == (State.INSUFFICIENT_DATA, "no_reference_rows")


def test_an_empty_window_is_insufficient(rng):
    assert verdict_of(numeric(rng.normal(size=N), [])).state is State.INSUFFICIENT_DATA


def test_a_grid_too_coarse_for_the_comparison_is_insufficient(rng):
    grid = Grid.numeric(rng.normal(size=N), max_cells=16)
    found = verdict_of((grid.count(rng.normal(size=N)), grid.count(rng.normal(size=M))))
    assert (found.state, found.reason) == (State.INSUFFICIENT_DATA, "grid")


def test_paging_takes_evidence_at_its_own_level(rng):
    pair = numeric(rng.normal(size=N), rng.normal(0.45, 1, 150))
    found = verdict_of(pair)
    assert (found.state, found.page) == (State.DRIFT, False)
    above, below = found.p_adjusted * 1.01, found.p_adjusted * 0.99
    assert verdict_of(pair, Policy(page_level=above)).page
    assert not verdict_of(pair, Policy(page_level=below)).page


def test_counts_on_another_grid_or_absent_are_errors(rng):
    ref, cur = numeric(rng.normal(size=N), rng.normal(size=M))
    other = Grid.numeric([1.0]).zero()
    window = judge({"a": ref, "b": ref, "c": ref}, {"a": other, "c": cur, "d": cur})
    reasons = {name: (found.state, found.reason) for name, found in window.features.items()}
    assert reasons == {
        "a": (State.ERROR, "grid_mismatch"),
        "b": (State.ERROR, "no_counts"),
        "c": (State.OK, None),
        "d": (State.INSUFFICIENT_DATA, "no_reference_rows"),
    }
    assert (window.state, window.reason) == (State.ERROR, "2 of 3 features; a: grid_mismatch")


def test_what_no_window_could_judge_does_not_keep_a_window_from_ok(rng):
    good, values = numeric(rng.normal(size=N), rng.normal(size=M)), rng.normal(size=N)
    empty = numeric(np.full(N, np.nan), rng.normal(size=M))
    small = numeric(values[:12], rng.normal(size=M))
    nothing = (good[0].grid.zero(), good[1])
    for hopeless in (small, nothing):
        ref = {"good": good[0], "hopeless": hopeless[0]}
        cur = {"good": good[1], "hopeless": hopeless[1]}
        window = judge(ref, cur)
        assert window.features["hopeless"].state is State.INSUFFICIENT_DATA
        assert (window.state, window.reason) == (State.OK, None)
    assert judge({"a": empty[0]}, {"a": empty[1]}).state is State.DRIFT


def test_the_reason_names_how_many_and_the_first(rng):
    good, few = rng.normal(size=M), rng.normal(size=10)
    values = rng.normal(size=N)
    judged, lacking = numeric(values, good), numeric(values, few)
    window = judge(
        {"a": judged[0], "b": lacking[0], "c": lacking[0]},
        {"a": judged[1], "b": lacking[1], "c": lacking[1]},
    )
    assert window.reason is not None
    assert window.reason.startswith("2 of 3 features; b: few_rows: 10 rows, at least")


def test_any_feature_makes_the_window(rng):
    good, few = rng.normal(size=M), rng.normal(size=10)
    values = rng.normal(size=N)
    ok, drift, lacking = numeric(values, good), numeric(values, good + 1), numeric(values, few)
    for states, expected in [
        ((ok, drift, lacking), State.DRIFT),
        ((ok, ok), State.OK),
        ((ok, lacking), State.INSUFFICIENT_DATA),
        ((lacking,), State.INSUFFICIENT_DATA),
        ((), State.INSUFFICIENT_DATA),
    ]:
        ref = {f"f{i}": pair[0] for i, pair in enumerate(states)}
        cur = {f"f{i}": pair[1] for i, pair in enumerate(states)}
        window = judge(ref, cur)
        assert window.state is expected
        assert list(window.features) == list(ref)


def test_many_features_pay_for_being_many():
    # evidence of about 1 % each: alone it is enough, among 200 quiet features it is not
    grid = Grid.numeric([0.0, 1.0])
    ref, odd = grid.count([0, 1] * 5_000), grid.count([0] * 125 + [1] * 75)
    same = grid.count([0, 1] * 100)
    alone = judge({"odd": ref}, {"odd": odd}).features["odd"]
    names = [f"f{i}" for i in range(200)]
    many = judge(
        {"odd": ref, **dict.fromkeys(names, ref)}, {"odd": odd, **dict.fromkeys(names, same)}
    ).features["odd"]
    assert (alone.state, alone.rules) == (State.DRIFT, ("ks",))
    assert (many.state, many.rules) == (State.OK, ("ks",))
    assert many.p_adjusted > alone.p_adjusted


def test_verdicts_of_features_do_not_depend_on_their_neighbours_shapes(rng):
    pairs = {
        "wide": numeric(rng.normal(size=N), rng.normal(size=M)),
        "narrow": numeric([0, 1] * 500, [0, 1, 1] * 300),
        "empty": numeric([], []),
    }
    grid, ref = reference(["a", "b", "c"] * 1_000, "categorical")
    pairs["levels"] = (ref, grid.count(["a", "b"] * 300))
    both = [{name: pair[side] for name, pair in pairs.items()} for side in (0, 1)]
    together = judge(*both).features
    for name, pair in pairs.items():
        alone = verdict_of(pair)
        assert alone.rules == together[name].rules
        assert alone.reason == together[name].reason
        if alone.p_value is not None:
            assert alone.p_value == pytest.approx(together[name].p_value, rel=1e-9)
        for statistic, estimate in alone.estimates.items():
            other = together[name].estimates[statistic]
            assert estimate.reason == other.reason
            if estimate.value is not None:
                assert estimate.value == pytest.approx(other.value, rel=1e-12)
            if estimate.contributions is not None:
                assert estimate.contributions.shape == other.contributions.shape


def test_bins_fixed_before_are_the_bins_judged(rng):
    ref, cur = numeric(rng.normal(size=N), rng.normal(0.5, 1, M))
    bins = ref.grid.bins(ref, 4)
    found = judge({"x": ref}, {"x": cur}, bins={"x": bins}).features["x"]
    assert found.estimates["psi"].contributions.shape == (6,)


def test_a_kind_without_statistics_is_judged_by_its_bins(rng):
    pair = numeric(rng.normal(size=N), rng.normal(1, 1, M))
    found = verdict_of(pair, Policy(statistics={}))
    assert (found.state, found.estimates) == (State.DRIFT, {})
    assert all(rule.startswith("bin:") for rule in found.rules)


def test_without_drift_windows_stay_quiet(rng):
    quiet = 0
    for _ in range(40):
        columns = [rng.normal(size=2_000), rng.poisson(2, 2_000), rng.exponential(size=2_000)]
        fresh = [rng.normal(size=700), rng.poisson(2, 700), rng.exponential(size=700)]
        pairs = [numeric(a, b) for a, b in zip(columns, fresh, strict=True)]
        window = judge(*({str(i): p[side] for i, p in enumerate(pairs)} for side in (0, 1)))
        quiet += window.state is State.OK
    assert quiet == 40
