"""Levels are spelled one way, and equal numbers are not all one."""

import numpy as np
import pytest

from drift_core import BadValues, canonical_level
from drift_core.columns.levels import level_counts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", "1"), (1, "1"), (1.0, "1"), ("1.0", "1"), ("1.000", "1"), (np.int8(1), "1"),
        (np.float32(1), "1"), ("-3.0", "-3"), ("0.0", "0"), (-0.0, "0"), ("10.0", "10"),
        ("007", "007"), ("007.0", "007.0"), ("1.", "1."), (".0", ".0"), ("1.50", "1.50"),
        ("+1.0", "+1.0"), (" 1.0", " 1.0"), ("1.0\n", "1.0\n"), ("\u0661.0", "\u0661.0"), ("", ""),
        (True, "true"), (np.False_, "false"), (0.5, "0.5"), (np.float32(0.1), "0.1"),
        (1e20, "100000000000000000000"), (float("inf"), "inf"), ("Zoë", "Zoë"),
    ],
)  # fmt: skip
def test_spelling(value, text):
    assert canonical_level(value) == text


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, b"x", 1j])
def test_what_is_no_level_is_refused(value):
    with pytest.raises(BadValues, match="is not a level"):
        canonical_level(value)


def test_counting_keeps_true_and_one_apart_and_joins_spellings():
    found = level_counts([1, True, "1.0", 1.0, "true", None, float("nan"), b"x", float("nan")])
    assert found.levels == {"1": 3, "true": 2}
    assert (found.missing, found.invalid) == (3, 1)


def test_values_without_a_hash_are_invalid():
    found = level_counts(["a", [1], {"b": 2}, "a", None])
    assert (found.levels, found.missing, found.invalid) == ({"a": 2}, 1, 2)
