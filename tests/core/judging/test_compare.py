"""Two tables in one call: the same as by hand, for every way that columns may come."""

import duckdb
import numpy as np
import polars as pl
import pytest

from drift_core import BadValues, Policy, State, compare, judge, reference

ROWS = 4_000


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def frames(rng, shift=0.0):
    return {
        "size": rng.normal(shift, 1.0, ROWS),
        "calm": rng.normal(0.0, 1.0, ROWS),
        "colour": rng.choice(["red", "green"], ROWS, p=[0.5 - shift / 4, 0.5 + shift / 4]),
        "new": rng.random(ROWS) < 0.3,
    }


def test_it_is_what_the_parts_give_by_hand(rng):
    ref, cur = frames(rng), frames(rng, 0.8)
    found = compare(ref, cur)
    kinds = dict.fromkeys(ref, "numeric") | {"colour": "categorical", "new": "categorical"}
    by_hand = {name: reference(ref[name], kind) for name, kind in kinds.items()}
    want = judge(
        {name: counts for name, (_, counts) in by_hand.items()},
        {name: grid.count(cur[name]) for name, (grid, _) in by_hand.items()},
    )
    assert {n: f.p_value for n, f in found.verdict.features.items()} == {
        n: f.p_value for n, f in want.features.items()
    }
    drifted = {n for n, f in found.verdict.features.items() if f.state is State.DRIFT}
    assert drifted == {"size", "colour"}


def test_two_samples_of_one_law_are_ok(rng):
    found = compare(frames(rng), frames(rng))
    assert found.verdict.state is State.OK


def test_lists_frames_and_masked_arrays_agree(rng):
    size = [None if rng.random() < 0.1 else float(x) for x in rng.normal(size=ROWS)]
    colour = [None if rng.random() < 0.1 else x for x in rng.choice(["a", "b"], ROWS).tolist()]
    frame = pl.DataFrame({"size": size, "colour": colour})
    masked = duckdb.sql("select * from frame").fetchnumpy()
    assert isinstance(masked["size"], np.ma.MaskedArray)
    ways = [{"size": size, "colour": colour}, frame.to_dict(), masked]
    found = [compare(way, way) for way in ways]
    for other in found[1:]:
        assert other.reference == found[0].reference
        assert other.current == found[0].current
    assert found[0].current["size"].missing == size.count(None)
    assert found[0].current["colour"].missing == colour.count(None)


def test_what_is_skipped_says_why(rng):
    ref = frames(rng) | {
        "gone": [1.0],
        "when": np.array(["2026-01-01"], "datetime64[D]"),
        "empty": [None, None],
        "lost": np.array([np.nan]),
        "nested": [[1], [2, 3]],
    }
    cur = {**{name: ref[name] for name in ref if name != "gone"}, "extra": [1]}
    found = compare(ref, cur)
    assert set(found.skipped) == {"gone", "when", "empty", "lost", "nested", "extra"}
    assert found.skipped["gone"] == "only in the reference"
    assert found.skipped["extra"] == "only in the current columns"
    assert "datetime64" in found.skipped["when"]
    assert set(found.verdict.features) == {"size", "calm", "colour", "new"}


def test_kinds_and_policy_are_the_callers(rng):
    codes = {"zip": rng.integers(0, 5, ROWS)}
    assert compare(codes, codes).reference["zip"].grid.kind == "numeric"
    named = compare(codes, codes, kinds={"zip": "categorical"})
    assert named.reference["zip"].grid.kind == "categorical"
    few = {"zip": codes["zip"][:12]}
    assert compare(codes, few).verdict.state is State.INSUFFICIENT_DATA
    assert compare(codes, few, Policy(min_rows=10)).verdict.state is not State.INSUFFICIENT_DATA


def test_mixed_lists_keep_what_they_hold():
    found = compare({"x": ["a", 1, None, True] * 500}, {"x": ["a", 1, None, True] * 500})
    assert set(found.reference["x"].grid.levels) == {"a", "1", "true"}
    assert found.current["x"].missing == 500


def test_a_column_of_two_axes_is_refused():
    with pytest.raises(BadValues, match="'x' has one axis"):
        compare({"x": np.zeros((2, 2))}, {"x": np.zeros((2, 2))})
