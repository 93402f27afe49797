"""Figures against scipy and worked examples."""

import numpy as np
import pytest
from scipy import stats

from app.domain.model import Feature, Kind, Role, Schema
from app.domain.outputs.estimating import estimate, newcombe, wilson
from app.domain.outputs.figure import Figure, Outputs
from app.domain.outputs.planning import CONFIDENCE_GRID, Plan, plan
from drift_core import Counts, Grid, reference

PREDICTION = Feature("y", Kind.CATEGORICAL, Role.PREDICTION)
SCORE = Feature("p", Kind.NUMERIC, Role.SCORE)
DRAW = np.random.default_rng(3)
SCORES = DRAW.beta(2, 3, 6_000)
AS_TOLD = Outputs()


def planned(column: Feature, ref: Counts, *, outputs: Outputs = AS_TOLD) -> Plan:
    return plan(Schema((column,)), [(column, ref)], outputs)


def of_kind(found: Plan, kind: str) -> Figure:
    return next(one for one in found.figures if one.kind == kind)


def scored() -> tuple[Grid, Counts]:
    return reference(SCORES, "numeric")


def test_the_interval_of_newcombe_s_own_example() -> None:
    """Newcombe 1998, table II, case (a): 56 of 70 against 48 of 80, method 10."""
    assert newcombe((48, 80), (56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    low, high = newcombe((0, 20), (0, 30))
    assert low < 0 < high


@pytest.mark.parametrize(("some", "rows"), [(0, 9), (3, 17), (50, 50), (480, 1_000)])
def test_the_interval_of_a_share_is_scipy_s(some: int, rows: int) -> None:
    theirs = stats.binomtest(some, rows).proportion_ci(0.95, method="wilson")
    assert wilson(some, rows) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_a_positive_rate_by_hand() -> None:
    grid, ref = reference(np.array(["yes", "no"] * 2_000, object), "categorical")
    figure = of_kind(planned(PREDICTION, ref), "positive_rate")
    cur = grid.count(np.array(["yes"] * 300 + ["no"] * 700 + [None] * 50, object))
    found = estimate(figure, ref, cur)
    assert found is not None
    assert (found.value, found.n_cur, found.n_ref) == (0.3, 1_000, ref.present)
    assert found.null_mean == pytest.approx(0.5, abs=0.02)
    assert found.effect == pytest.approx(abs(0.3 - (found.null_mean or 0)))
    table = [
        [300, 700],
        [ref.present * (found.null_mean or 0), ref.present * (1 - (found.null_mean or 0))],
    ]
    theirs = stats.chi2_contingency(table, correction=False).pvalue
    assert np.log(found.p_value or 0) == pytest.approx(np.log(theirs), rel=0.05)
    assert (found.lower or 0) < 0.3 < (found.upper or 0) < 0.34


def test_a_level_that_the_reference_does_not_know_is_no_positive_row() -> None:
    grid, ref = reference(np.array(["yes", "no"] * 2_000, object), "categorical")
    figure = of_kind(planned(PREDICTION, ref), "positive_rate")
    found = estimate(figure, ref, grid.count(np.array(["yes"] * 30 + ["never"] * 70, object)))
    assert found is not None
    assert (found.value, found.n_cur) == (0.3, 100)


def test_a_score_s_positive_rate_is_its_share_above_a_threshold() -> None:
    grid, ref = scored()
    for threshold, declared in ((0.5, Outputs()), (0.8, Outputs(threshold=0.8))):
        figure = of_kind(planned(SCORE, ref, outputs=declared), "positive_rate")
        cur = DRAW.beta(3, 3, 5_000)
        found = estimate(figure, ref, grid.count(cur))
        assert found is not None
        # a cell that holds the threshold goes to the side on which its middle lies
        assert found.value == pytest.approx((cur >= threshold).mean(), abs=0.01)
        assert found.null_mean == pytest.approx((threshold <= SCORES).mean(), abs=0.01)


def test_a_confidence_is_that_of_the_raw_scores() -> None:
    grid, ref = scored()
    figure = of_kind(planned(SCORE, ref), "confidence")
    cur = DRAW.beta(6, 2, 4_000)
    found = estimate(figure, ref, grid.count(cur))
    assert found is not None
    mine, usual = (np.maximum(side, 1 - side) for side in (cur, SCORES))
    assert found.value == pytest.approx(mine.mean(), abs=1e-3)
    assert found.null_mean == pytest.approx(usual.mean(), abs=1e-3)
    theirs = stats.ttest_ind(mine, usual, equal_var=False).confidence_interval(0.95)
    span = (
        (found.lower or 0) - (found.null_mean or 0),
        (found.upper or 0) - (found.null_mean or 0),
    )
    assert span == pytest.approx((theirs.low, theirs.high), abs=1e-3)
    folded = [np.histogram(side, np.linspace(0.5, 1, 11))[0] for side in (usual, mine)]
    ours = [figure.counts(side).values[:10] for side in (ref, grid.count(cur))]
    for raw, held, rows in zip(folded, ours, (6_000, 4_000), strict=True):
        assert held.sum() == rows
        assert np.abs(raw - held).max() / rows < 0.02
    theirs_p = stats.chi2_contingency(np.array(ours)).pvalue
    assert np.log(found.p_value or 0) == pytest.approx(np.log(theirs_p), rel=0.05)


def test_what_a_cell_means_hangs_on_the_grid_alone() -> None:
    grid, ref = scored()
    other = grid.count(DRAW.beta(1, 1, 500))
    one, two = (of_kind(planned(SCORE, side), "confidence") for side in (ref, other))
    assert np.array_equal(one.cells, two.cells)
    counted = one.counts(grid.count(np.array([-3.0, 0.03, 0.5, 0.97, 40.0, np.nan])))
    assert counted.missing == 1
    assert counted.cells[CONFIDENCE_GRID.unseen_cell] == 2
    assert counted.values[:10].tolist()[::9] == [1, 2]


def test_scores_that_are_no_probabilities_have_no_confidence() -> None:
    _, ref = reference(DRAW.normal(0, 3, 4_000), "numeric")
    found = planned(SCORE, ref)
    assert found.figures == ()
    assert {one.name for one in found.without} == {"positive_rate(p)", "confidence(p)"}
    assert {one.reason.partition(":")[0] for one in found.without} == {"not_a_probability"}
    declared = planned(SCORE, ref, outputs=Outputs(threshold=1.0))
    assert [one.name for one in declared.figures] == ["positive_rate(p)"]


def test_a_side_without_rows_has_no_figure() -> None:
    grid, ref = scored()
    figure = of_kind(planned(SCORE, ref), "confidence")
    assert estimate(figure, ref, grid.zero()) is None
    assert planned(SCORE, grid.zero()).figures == ()
