"""The scorecard's quick form: rates hold, mistakes are caught, changes are found.

Every assertion on a rate fails by chance at most once in a million: it compares the rate's own
limits at that risk with what is promised.
"""

import numpy as np
import pytest

from benchmarks.scorecard import nulls, ours, power, public, windows
from benchmarks.scorecard.changes import NONE
from benchmarks.scorecard.goals import limits_of
from benchmarks.scorecard.streams import (
    BERNOULLI,
    CONTINUOUS,
    FIVE,
    MANY,
    MISSING,
    POISSON,
    SHIFT_2,
    SHIFT_5,
    ZEROS_70,
    ZEROS_98,
)

RISK = 2e-6
RUNS = 8_000
SEED = (7, 1)
TWO_KINDS = [nulls.MISTAKE, nulls.TEXTBOOK]


def surely_outside(rate, low, high):
    least, most = rate.interval(RISK)
    return least > high or most < low


@pytest.mark.parametrize(
    ("stream", "n", "m"),
    [
        (CONTINUOUS, 10_000, 1_000), (CONTINUOUS, 1_000, 100), (MISSING, 1_000, 10_000),
        (ZEROS_70, 10_000, 1_000), (ZEROS_98, 10_000, 100), (BERNOULLI, 1_000, 1_000),
        (POISSON, 10_000, 1_000), (FIVE, 500, 50), (FIVE, 1_000_000, 1_000_000),
    ],
    ids=lambda value: getattr(value, "name", value),
)  # fmt: skip
def test_p_values_reject_as_often_as_they_say(stream, n, m):
    row = nulls.null_rows(stream, n, m, RUNS, SEED)
    low, high = limits_of(row)
    for name, rate in row.rates.items():
        if name not in TWO_KINDS:
            assert not surely_outside(rate, 0.0 if name == ours.EVIDENCE else low, high), name


def test_many_levels_hold_their_level_after_a_pilot():
    row = nulls.null_rows(MANY, 2_000, 10_000, 3_000, SEED)
    assert not surely_outside(row.rates["bins"], 0.0, 0.065)
    # the control: unseen levels are certain drift to whoever takes the reference for the truth
    assert row.rates[nulls.MISTAKE].value > 0.9


def test_the_two_mistakes_are_caught():
    row = nulls.null_rows(FIVE, 1_000, 1_000, RUNS, SEED)
    assert surely_outside(row.rates[nulls.MISTAKE], 0.04, 0.06)
    assert row.rates[nulls.MISTAKE].value > 0.15
    row = nulls.null_rows(ZEROS_70, 10_000, 1_000, RUNS, SEED)
    assert surely_outside(row.rates[nulls.TEXTBOOK], 0.04, 0.06)
    assert row.rates[nulls.TEXTBOOK].value < 0.02


def test_far_out_p_values_stay_within_a_factor_of_two():
    row = nulls.tail_rows(FIVE, 10_000, 1_000, 300_000, SEED)
    for name, rates in row.rates.items():
        for level in (1e-2, 1e-3):
            assert not surely_outside(rates[level], level / 2, 2 * level), name


def test_windows_drift_no_more_often_than_their_level():
    row = windows.window_row(NONE, None, 1_000, 200, 300, SEED)
    assert row.rates[windows.VERDICT].interval(RISK)[0] <= ours.POLICY.level
    assert row.rates[windows.EVIDENCE].interval(RISK)[0] <= 0.065
    assert row.rates["always fire"].value == 1.0
    assert row.rates["never fire"].value == 0.0
    # twenty columns and no correction: what the others do
    assert row.rates["K-S or goodness of fit, p < 0.05"].interval(RISK)[0] > 0.2


def test_windows_with_a_change_are_found():
    row = windows.window_row(SHIFT_5, CONTINUOUS, 10_000, 1_000, 100, SEED)
    assert row.rates[windows.VERDICT].interval(RISK)[0] > 0.8
    assert row.rates["evidently's choice, half of the columns"].value == 0.0


def test_power_is_that_of_a_calibrated_test():
    row = power.power_row(CONTINUOUS, SHIFT_2, 10_000, 1_000, 500, SEED)
    assert row.ours[ours.EVIDENCE][0].interval(RISK)[0] > 0.9
    # the same distance with a simulated threshold finds as much as with its p-value
    for ours_name, rival in (("anderson_darling", "Anderson-Darling"), ("bins", "chi-squared")):
        for at in (0, 1):
            difference = row.ours[ours_name][at].value - row.rivals[rival][at].value
            assert abs(difference) < 0.2, ours_name
    assert power.best_rival(row, 0)[1].value == max(r[0].value for r in row.rivals.values())


def test_the_public_face_has_the_same_rates():
    row = public.public_row("continuous", 2_000, 500, 400, SEED)
    assert not surely_outside(row.p_value, 0.0, 0.06)
    assert row.verdict.interval(RISK)[0] <= ours.POLICY.level


def test_equal_seeds_give_equal_rows():
    first, second = (nulls.null_rows(FIVE, 500, 50, 200, (1, 2)) for _ in range(2))
    assert first == second
    assert first != nulls.null_rows(FIVE, 500, 50, 200, (1, 3))
    assert np.isclose(first.expected, 50 / 137 * 60 / 5, rtol=0.15)
