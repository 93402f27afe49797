"""Keys are tallied alike whether each number has a counter or they are sorted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.counts.sheet import COUNTED_TO, tallied


def held_against_numpy(keys: list[int], bound: int) -> None:
    given = np.array(keys, np.int64)
    distinct, counts = np.unique(given, return_counts=True)
    found = tallied(given, bound)
    assert [part.dtype for part in found] == [np.int64, np.int64]
    assert found[0].tolist() == distinct.tolist()
    assert found[1].tolist() == counts.tolist()


@given(st.lists(st.integers(0, 39), max_size=60), st.sampled_from([40, 41, 100, 10_000]))
def test_keys_are_tallied_as_numpy_does(keys: list[int], bound: int) -> None:
    held_against_numpy(keys, bound)


@pytest.mark.parametrize("beyond", [0, 1])
def test_both_ways_reach_the_last_key(beyond: int) -> None:
    keys = [3, 0, 3, 2, 1]
    bound = COUNTED_TO * len(keys) + beyond
    held_against_numpy([*keys[:-1], bound - 1], bound)


def test_every_key_may_be_another() -> None:
    held_against_numpy(list(range(50))[::-1], 50)
