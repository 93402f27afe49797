import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.telling.distribution import describe, distribution
from drift_core import STATISTICS, BinLabel, Grid

REFERENCE = list(np.linspace(0, 100, 2_000))
GRID = Grid.numeric(REFERENCE)
REF = GRID.count(REFERENCE)
NUMBERS = st.lists(st.none() | st.floats(allow_nan=False), max_size=50)


@settings(deadline=None)
@given(NUMBERS)
def test_rows_reconcile_and_contributions_sum_to_the_psi(values: list[float | None]) -> None:
    cur = GRID.count(values)
    shares = distribution(REF, cur)
    assert sum(one.reference for one in shares) == len(REFERENCE)
    assert sum(one.current for one in shares) == len(values)
    psi = STATISTICS["psi"](REF, cur).value
    if psi is None:
        assert all(one.contribution is None for one in shares)
    else:
        assert math.fsum(one.contribution or 0 for one in shares) == pytest.approx(psi)


def test_an_empty_side_has_no_shares() -> None:
    shares = distribution(REF, GRID.zero())
    assert {one.current_share for one in shares} == {None}
    assert sum(one.reference_share or 0 for one in shares) == pytest.approx(1)


def test_ranges_cover_the_line_and_meet() -> None:
    ranges = [one for one in distribution(REF, REF) if one.kind == "range"]
    assert ranges[0].lower is None
    assert ranges[-1].upper is None
    for left, right in pairwise(ranges):
        assert left.upper == right.lower


def test_no_limit_is_infinite() -> None:
    values = [-math.inf] * 600 + [0.0] * 600 + [math.inf] * 600
    grid = Grid.numeric(values)
    ref = grid.count(values)
    for one in distribution(ref, ref):
        assert one.lower is None or math.isfinite(one.lower)
        assert one.upper is None or math.isfinite(one.upper)


def test_levels_are_named_unless_they_are_sensitive() -> None:
    levels = ["red"] * 600 + ["green"] * 400
    grid = Grid.categorical(levels)
    ref = grid.count(levels)
    shown = {one.label: one.reference for one in distribution(ref, ref)}
    assert (shown["red"], shown["green"]) == (600, 400)
    hidden = distribution(ref, ref, sensitive=True)
    assert not {"red", "green"} & {one.label for one in hidden}
    assert [one.reference for one in hidden] == list(shown.values())


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (BinLabel("missing"), "missing"),
        (BinLabel("other"), "other"),
        (BinLabel("level", text="UA"), "UA"),
        (BinLabel("value", lower=0.0, upper=0.0), "0"),
        (BinLabel("range", lower=None, upper=1.5), "below 1.5"),
        (BinLabel("range", lower=1.5, upper=2.0), "1.5 to 2"),
        (BinLabel("range", lower=2.0, upper=None), "from 2"),
        (BinLabel("range"), "any value"),
    ],
)
def test_a_bin_says_what_it_holds(label: BinLabel, text: str) -> None:
    assert describe(label) == text
