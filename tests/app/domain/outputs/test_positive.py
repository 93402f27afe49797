"""Which cells of a prediction are the positive ones."""

import numpy as np
import pytest

from app.domain.outputs.positive import positive_cells
from drift_core import Counts, reference


def learned(values: object, kind: str) -> Counts:
    return reference(values, kind)[1]  # type: ignore[arg-type]


def rows_of(values: list[object], kind: str, declared: str | None = None) -> object:
    """Rows of the reference that are positive, or the first word of why none can be."""
    ref = learned(np.array(values, object) if kind == "categorical" else np.array(values), kind)
    found = positive_cells(ref, declared)
    if isinstance(found, str):
        return found.partition(":")[0]
    return int(ref.values[found].sum()) / ref.rows


@pytest.mark.parametrize(
    ("levels", "declared", "expected"),
    [
        (["yes", "no"], None, 0.3),
        (["True", "False"], None, 0.3),
        (["1", "0"], None, 0.3),
        (["-1", "1"], None, 0.7),
        (["fraud", "fine"], None, "no_positive_level"),
        (["fraud", "fine"], "fraud", 0.3),
        (["1", "2"], None, "no_positive_level"),
        (["yes", "no", "maybe"], None, "multiclass"),
        (["yes", "no", "maybe"], "maybe", 0.3),
        (["yes", "yes"], None, "one_level"),
        (["yes", "no"], "Yes", "unknown_level"),
        (["1", "0"], "1.0", 0.3),
    ],
)
def test_levels(levels: list[str], declared: str | None, expected: float | str) -> None:
    shares = {2: (0.3, 0.7), 3: (0.3, 0.4, 0.3)}[len(levels)]
    values = [
        one for one, share in zip(levels, shares, strict=True) for _ in range(int(share * 4_000))
    ]
    np.random.default_rng(1).shuffle(values)
    found = rows_of(values, "categorical", declared)
    assert found == (expected if isinstance(expected, str) else pytest.approx(expected, abs=0.02))


@pytest.mark.parametrize(
    ("values", "declared", "expected"),
    [
        ([0.0, 1.0], None, 0.5),
        ([-1.0, 1.0], None, 0.5),
        ([0.0, 1.0, 2.0, 3.0], None, "multiclass"),
        ([0.0, 1.0, 2.0, 3.0], "3", 0.25),
        ([1.0, 2.0], None, "no_positive_level"),
        ([0.25, 0.75], None, "numeric"),
        ([0.0, 0.0], None, "one_level"),
        ([0.0, 1.0], "5", "unknown_level"),
        ([0.0, 1.0], "yes", "unknown_level"),
    ],
)
def test_numbers(values: list[float], declared: str | None, expected: float | str) -> None:
    assert rows_of(values * 1_000, "numeric", declared) == expected


def test_predictions_that_are_measured_have_no_positive_one() -> None:
    drawn = np.random.default_rng(2).normal(size=4_000)
    assert rows_of(drawn.tolist(), "numeric") == "numeric"
