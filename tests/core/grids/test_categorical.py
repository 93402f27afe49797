"""Categorical grids: levels by frequency, rare and unseen apart, codes as good as texts."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core import BadGrid, BadValues, BinLabel, CategoricalGrid, Grid

texts = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "d", "1", "1.0", "é", ""]))


def test_cells_are_missing_invalid_levels_rare_unseen():
    grid = Grid.categorical(["a", "b", "b"], max_levels=2, seen=["a", "b", "z"])
    counts = grid.count(["a", "b", "b", "z", "new", None, b"?"])
    assert (grid.levels, grid.rare) == (("b", "a"), ("z",))
    assert counts.cells.tolist() == [1, 1, 2, 1, 1, 1]


def test_ties_go_by_text_and_surplus_levels_are_rare():
    grid = Grid.categorical(["c", "b", "a", "c"], max_levels=2)
    assert (grid.levels, grid.rare) == (("c", "a"), ("b",))


def test_levels_below_the_share_have_cells_but_no_bins():
    grid = Grid.categorical(["a"] * 900 + ["b"] * 95 + ["c"] * 5)
    ref = grid.count(["a", "b", "c", "new", None])
    bins = grid.bins(ref)
    assert grid.own_bins == 2
    assert [label.kind for label in bins.labels] == [
        "missing",
        "invalid",
        "level",
        "level",
        "other",
    ]
    assert bins.labels[2] == BinLabel("level", text="a")
    assert bins.coarsen(ref.cells).tolist() == [1, 0, 1, 1, 2]


def test_at_most_so_many_bins_and_so_many_rare_levels():
    values = [f"v{i}" for i in range(12_000)]
    grid = Grid.categorical(values[:60], max_bins=50, max_levels=55, seen=values)
    assert (grid.own_bins, len(grid.levels), len(grid.rare)) == (50, 55, 10_000)


def test_an_empty_pilot_has_everything_unseen():
    grid = Grid.categorical([])
    assert grid.count(["a", None]).cells.tolist() == [1, 0, 0, 1]


@given(st.lists(texts, max_size=40), st.lists(texts, max_size=40))
def test_codes_count_as_texts_do(pilot, values):
    grid = Grid.categorical(pilot)
    dictionary = sorted({"1" if v == "1.0" else v for v in values if v is not None})
    spelled = ["1" if v == "1.0" else v for v in values]
    codes = np.array([-1 if v is None else dictionary.index(v) for v in spelled], np.int32)
    assert grid.count_codes(codes, dictionary) == grid.count(values)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint8, np.uint32])
def test_every_code_type_counts_read_only_and_strided(dtype):
    grid = Grid.categorical(["x", "y"])
    codes = np.array([0, 1, 1, 0, 1, 0], dtype)
    codes.flags.writeable = False
    assert grid.count_codes(codes[::2], ["y", "x"]) == grid.count(["y", "x", "x"])


@pytest.mark.parametrize("codes", [[2], [-2], [0.5], [[0]]])
def test_codes_that_do_not_fit_are_refused(codes):
    with pytest.raises(BadValues):
        Grid.categorical(["x"]).count_codes(np.array(codes), ["x", "y"])


def test_masks_decide_over_values_and_codes():
    grid = Grid.categorical(["x", "y"])
    missing, invalid = np.array([True, True, False]), np.array([False, True, False])
    by_text = grid.count(["x", "x", "y"], missing=missing, invalid=invalid)
    by_code = grid.count_codes(np.array([0, 0, 1]), ["x", "y"], missing=missing, invalid=invalid)
    assert by_text == by_code
    assert (by_text.missing, by_text.invalid, by_text.present) == (1, 1, 1)


@given(st.lists(texts, max_size=30), st.lists(texts, max_size=30))
def test_json_round_trips(pilot, seen):
    grid = Grid.categorical(pilot, max_levels=3, seen=seen)
    again = Grid.from_json(json.loads(json.dumps(grid.to_json())))
    assert again == grid
    assert hash(again) == hash(grid)


@pytest.mark.parametrize(
    ("levels", "own", "rare"), [(("a", "a"), 1, ()), (("a",), 2, ()), (("a",), 1, ("a",))]
)
def test_levels_that_make_no_grid_are_refused(levels, own, rare):
    with pytest.raises(BadGrid):
        CategoricalGrid(levels, own, rare)
