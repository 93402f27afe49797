"""Grid sets: many features in one vector, and the same set by any road."""

import json

import numpy as np
import pytest

from drift_core import BadCounts, BadGrid, Grid, GridSet

NUMBERS, LEVELS = Grid.numeric([1.0, 2.0, np.inf]), Grid.categorical(["a", "b"])
GRIDS = GridSet((("age in %/$[]", NUMBERS), ("é", LEVELS)))


def test_layout():
    assert GRIDS.size == NUMBERS.size + LEVELS.size
    assert GRIDS.offsets.tolist() == [0, NUMBERS.size, GRIDS.size]
    assert GRIDS.slice("é") == slice(NUMBERS.size, GRIDS.size)
    assert (GRIDS.names, "é" in GRIDS, "x" in GRIDS) == (("age in %/$[]", "é"), True, False)
    assert GRIDS["é"] is LEVELS


def test_join_and_split_are_inverse():
    counts = {"age in %/$[]": NUMBERS.count([1.0, None]), "é": LEVELS.count(["a", "new"])}
    vector = GRIDS.join(counts)
    assert GRIDS.split(vector) == counts
    assert GRIDS.counts(vector, "é") == counts["é"]
    assert GRIDS.split(vector + vector)["é"] == counts["é"] + counts["é"]
    assert GRIDS.zero().sum() == 0


def test_stored_form_round_trips_and_has_one_digest():
    again = GridSet.from_json(json.loads(json.dumps(GRIDS.to_json(), allow_nan=False)))
    assert again == GRIDS
    assert again.digest == GRIDS.digest
    assert len(GRIDS.digest) == 64
    assert GridSet(GRIDS.grids[:1]).digest != GRIDS.digest


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadGrid, match="stands twice"):
        GridSet((("a", NUMBERS), ("a", LEVELS)))
    with pytest.raises(BadGrid, match="format"):
        GridSet.from_json({"format": "?"})
    with pytest.raises(BadCounts, match="does not fit"):
        GRIDS.counts(np.zeros(3, np.int64), "é")
    with pytest.raises(KeyError):
        GRIDS.slice("x")
