"""One feature beside its reference: what bins add up to, and what is drawn of them."""

import numpy as np
import pytest

from app.dashboard.feature import drawn, total
from app.domain.telling.distribution import distribution
from app.domain.telling.reports import StoredEstimate, StoredVerdict
from drift_core import STATISTICS, Counts, Grid

VALUES = np.arange(1_000.0)
GRID = Grid.numeric(VALUES)
REF, CUR = GRID.count(VALUES), GRID.count(VALUES[:400] * 1.5)


def verdict(ref: Counts, cur: Counts) -> StoredVerdict:
    """What is said of a feature by its PSI."""
    found = STATISTICS["psi"](ref, cur, ref.grid.bins(ref))
    psi = StoredEstimate(
        "psi",
        found.value,
        found.lower,
        found.upper,
        found.null_mean,
        found.effect,
        found.p_value,
        0.2,
        found.n_ref,
        found.n_cur,
        None,
    )
    return StoredVerdict("x", "drift", False, True, None, 0.0, 0.0, (), (psi,))


def test_the_bins_less_what_chance_adds_are_the_psi() -> None:
    said = verdict(REF, CUR)
    found = total(distribution(REF, CUR), said)
    assert found is not None
    assert found.by_chance is not None
    assert found.parts == pytest.approx(said.estimates[0].value)
    assert found.effect == pytest.approx(found.parts - found.by_chance)


def test_a_sum_of_other_counts_is_no_way_to_what_was_judged() -> None:
    bins = distribution(REF, CUR)
    for other in (None, verdict(REF, REF)):
        found = total(bins, other)
        assert found is not None
        assert (found.by_chance, found.effect) == (None, None)
    assert total((), verdict(REF, CUR)) is None


def test_bars_are_finer_than_bins_unless_levels_and_limits_are_hidden() -> None:
    fine, hidden = drawn("x", 1, REF, CUR), drawn("x", 1, REF, CUR, sensitive=True)
    assert fine.is_finer
    assert not hidden.is_finer
    assert hidden.chart is not None
    assert len(hidden.chart.blocks) == sum(one.kind == "range" for one in hidden.bins)
