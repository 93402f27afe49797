"""Features share a stack where padding them costs less than a stack of their own."""

import numpy as np
import pytest

from drift_core import Grid, GridSet
from drift_core.judging.stacks import stacks_of


def stacked(sizes):
    """Stack numeric features of so many cells; answer which are together."""
    grids = [Grid.numeric(np.arange(size).repeat(2)) for size in sizes]
    ref = {f"f{i}": grids[i].count(np.arange(size)) for i, size in enumerate(sizes)}
    named = GridSet(tuple((name, counts.grid) for name, counts in ref.items()))
    bins = {name: counts.grid.bins(counts) for name, counts in ref.items()}
    stacks = stacks_of(named, ref, bins)
    for stack in stacks:
        for row, at in enumerate(stack.features.tolist()):
            counts = ref[f"f{at}"]
            # what is its own, and nothing in the padding
            assert np.array_equal(stack.values[row, 0, : counts.values.size], counts.values)
            assert not stack.values[row, 0, counts.values.size :].any()
            assert stack.bins[row].sum() == counts.rows
    return [stack.features.tolist() for stack in stacks]


def test_few_small_features_share_one_whatever_their_sizes():
    assert stacked([300, 3, 40, 3]) == [[1, 3, 2, 0]]


def test_many_much_smaller_ones_are_apart():
    assert stacked([*([20] * 30), 400]) == [list(range(30)), [30]]


@pytest.mark.parametrize("features", [128, 129])
def test_no_stack_is_higher_than_a_block(features):
    assert [len(stack) for stack in stacked([5] * features)] == [128, 1][: features - 127]
