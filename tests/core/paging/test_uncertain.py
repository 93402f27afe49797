"""Tails of weighted sums over an uncertain scale, against scipy's laws and simulation."""

import numpy as np
import pytest
from scipy import stats

from drift_core.evidence.squares import Law
from drift_core.paging.uncertain import critical, shifted, uncertain_tail


@pytest.mark.parametrize("freedom", [5.0, 14.0, 27.0])
def test_one_direction_is_the_f_law(freedom):
    scaled = np.array([4.0, 12.0, 80.0])
    law = Law(np.ones(3), np.full(3, 2.0))
    found = uncertain_tail(scaled, law, np.full(3, freedom))
    assert found == pytest.approx(stats.f.sf(scaled, 1, freedom), rel=1e-3)


def test_many_directions_alike_are_near_the_f_law():
    law = Law(np.full(2, 1 / 9), np.full(2, 2 / 9))
    found = uncertain_tail(np.array([3.0, 4.0]), law, np.full(2, 12.0))
    assert found == pytest.approx(stats.f.sf([3.0, 4.0], 9, 108), rel=0.5)


def test_equal_weights_and_a_shift_are_the_non_central_law():
    law = Law(np.full(4, 1 / 9), np.full(4, 2 / 9))
    squared, allowed = np.array([3.0, 6.0, 12.0, 20.0]), np.array([2.0, 2.0, 2.0, 5.0])
    true = stats.ncx2.sf(9 * squared, 9, 9 * allowed)
    # two weights alike leave nothing to tilt towards, hence not quite
    assert shifted(law, squared, allowed) == pytest.approx(true, rel=0.12)
    alone = Law(np.ones(4), np.full(4, 2.0))
    true = stats.ncx2.sf(squared, 1, allowed)
    assert shifted(alone, squared, allowed) == pytest.approx(true, rel=1e-6)


def test_nothing_allowed_is_the_plain_tail():
    law, squared = Law(np.full(3, 0.4), np.full(3, 0.5)), np.array([1.0, 5.0, 30.0])
    plain = uncertain_tail(squared, law, np.full(3, 9.0))
    assert uncertain_tail(squared, law, np.full(3, 9.0), np.zeros(3)) == pytest.approx(plain, 1e-3)


@pytest.mark.parametrize(("found", "allowed"), [(6.0, 1.0), (12.0, 4.0)])
def test_a_shift_over_an_uncertain_scale_is_as_simulated(found, allowed):
    rng, runs = np.random.default_rng(1), 400_000
    lead, rest = 0.6, np.array([0.2, 0.2])
    scale = rng.chisquare(9 / lead, runs) / (9 / lead)
    first = (np.sqrt(lead) * rng.normal(size=runs) + np.sqrt(allowed * scale)) ** 2
    total = first + rng.normal(size=(runs, 2)) ** 2 @ rest
    law = Law(np.array([lead]), np.array([2 * (lead**2 + 2 * 0.04)]))
    p = uncertain_tail(np.array([found]), law, np.array([9.0]), np.array([allowed]))
    # six standard errors of the simulation
    error = np.sqrt(p[0] / runs)
    assert (total >= found * scale).mean() == pytest.approx(p[0], abs=6 * error + 0.02 * p[0])


def test_what_is_critical_has_the_level_for_its_tail():
    law, freedom = Law(np.ones(2), np.full(2, 2.0)), np.array([9.0, 27.0])
    found, true = critical(law, freedom, 1e-5), stats.f.isf(1e-5, 1, freedom)
    assert found == pytest.approx(true, rel=0.01)
    assert (uncertain_tail(found, law, freedom) >= 1e-5).all()
