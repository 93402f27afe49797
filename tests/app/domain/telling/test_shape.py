"""The bars of a column: shares of known rows, whatever the grid they were counted on."""

import numpy as np
import pytest

from app.domain.telling.shape import Bar, quantile, shape
from drift_core import Counts, Grid, reference

ROWS = 20_000
RNG = np.random.default_rng(5)


def numeric(ref: np.ndarray, cur: np.ndarray) -> tuple[Counts, Counts]:
    grid, counts = reference(ref, "numeric")
    return counts, grid.count(cur)


def values(bars: tuple[Bar, ...]) -> list[Bar]:
    return [bar for bar in bars if bar.kind not in ("missing", "invalid")]


def test_bars_of_numbers_are_numpys_histogram_up_to_a_cell() -> None:
    ref, cur = RNG.normal(0, 1, ROWS), RNG.normal(0.5, 0.7, ROWS)
    counts = numeric(ref, cur)
    bars = shape(*counts, 8)
    pooled = np.concatenate([ref, cur])
    low, high = np.quantile(pooled, [0.005, 0.995])
    edges = np.linspace(low, high, 9)
    edges[[0, -1]] = -np.inf, np.inf
    for side, name in ((ref, "reference"), (cur, "current")):
        want = np.histogram(side, edges)[0] / ROWS
        found = [getattr(bar, name) for bar in bars]
        assert np.abs(np.subtract(found, want)).max() < 0.01
        assert sum(found) == pytest.approx(1.0)


def test_whole_numbers_are_never_cut_in_two() -> None:
    ref, cur = RNG.integers(0, 7, ROWS), RNG.integers(2, 7, ROWS)
    bars = shape(*numeric(ref, cur), 24)
    assert [bar.label for bar in bars] == [str(day) for day in range(7)]
    assert [bar.reference for bar in bars] == [np.mean(ref == day) for day in range(7)]
    assert [bar.current for bar in bars] == [np.mean(cur == day) for day in range(7)]
    paired = shape(*numeric(ref, cur), 4)
    assert [bar.label for bar in paired] == ["0 to 1", "2 to 3", "4 to 5", "6 to 7"]


def test_a_constant_is_one_bar_and_a_jump_beside_it_another() -> None:
    (only,) = shape(*numeric(np.full(500, 2.5), np.full(300, 2.5)))
    assert (only.label, only.reference, only.current) == ("2.5", 1.0, 1.0)
    bars = shape(*numeric(np.full(500, 2.5), np.full(300, 90.0)))
    assert sum(bar.reference or 0 for bar in bars) == 1.0
    assert sum(bar.current or 0 for bar in bars) == 1.0
    assert not any(bar.reference and bar.current for bar in bars)


def test_an_outlier_does_not_press_all_others_into_one_bar() -> None:
    wind = np.append(RNG.gamma(2, 5, ROWS), 1_048.0)
    bars = shape(*numeric(wind, wind))
    assert sum((bar.reference or 0) > 0.01 for bar in bars) > 10
    assert bars[-1].label.startswith("from ")


def test_missing_and_invalid_have_bars_only_where_they_are() -> None:
    grid = Grid.numeric([1.0, 2.0, 3.0] * 100)
    ref, cur = grid.count([1.0, None, 2.0, 3.0]), grid.count(["x", 2.0])
    bars = shape(ref, cur)
    assert [(bar.kind, bar.reference, bar.current) for bar in bars[:2]] == [
        ("missing", 0.25, 0.0),
        ("invalid", 0.0, 0.5),
    ]
    assert len(values(shape(ref, ref))) == len(shape(ref, ref)) - 1


def test_infinities_lie_in_the_outermost_bars() -> None:
    ref = np.concatenate([RNG.normal(0, 1, 1_000), [np.inf] * 3, [-np.inf] * 3])
    bars = values(shape(*numeric(ref, ref)))
    assert sum(bar.reference or 0 for bar in bars) == pytest.approx(1.0)
    assert all(np.isfinite(bar.reference or 0) for bar in bars)


def test_levels_in_order_and_the_rest_together() -> None:
    colours = RNG.choice(["a", "b", "c", "d"], ROWS, p=[0.4, 0.3, 0.2, 0.1]).tolist()
    grid, ref = reference(colours, "categorical")
    cur = grid.count(["a"] * 6 + ["new"] * 4)
    bars = shape(ref, cur, 3)
    assert [bar.label for bar in bars] == ["a", "b", "other"]
    assert [bar.current for bar in bars] == [0.6, 0.0, 0.4]
    assert [bar.label for bar in shape(ref, ref, 4)] == ["a", "b", "c", "d"]


def test_no_rows_have_no_shares() -> None:
    grid = Grid.numeric([1.0, 2.0, 3.0])
    assert shape(grid.zero(), grid.zero()) == ()
    bars = shape(grid.count([1.0, 2.0]), grid.zero())
    assert {bar.current for bar in bars} == {None}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_quantile_lies_between_its_limits(share: float) -> None:
    ref = RNG.normal(10, 3, ROWS)
    counts, _ = numeric(ref, ref)
    limits = quantile(counts, share)
    assert limits is not None
    # numpy's lower quantile is one of the values
    exact = float(np.quantile(ref, share, method="inverted_cdf"))
    assert limits[0] <= exact <= limits[1]
    assert limits[1] - limits[0] < 0.2


def test_levels_and_no_rows_have_no_quantile() -> None:
    _, levels = reference(["a", "b"] * 50, "categorical")
    assert quantile(levels, 0.5) is None
    assert quantile(Grid.numeric([1.0]).zero(), 0.5) is None


def test_no_bar_shows_rows_where_nobody_sent_any() -> None:
    """Cells are wide where the reference has no values."""
    ref, cur = RNG.uniform(40, 89, ROWS), RNG.uniform(60, 96, ROWS)
    bars = shape(*numeric(ref, cur))
    begins = [float(bar.label.removeprefix("from ").split(" to ")[0]) for bar in bars[1:]]
    filled = [begin for begin, bar in zip(begins, bars[1:], strict=True) if bar.current]
    assert max(filled) < 96
    beyond = sum(
        bar.current or 0 for begin, bar in zip(begins, bars[1:], strict=True) if begin > 88.9
    )
    assert beyond == pytest.approx(np.mean(cur > 89), abs=0.001)
