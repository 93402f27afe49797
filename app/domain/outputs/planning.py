"""Which figures a reference lets tell, and what each of its cells means to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.model import Feature, Role, Schema
from app.domain.outputs.figure import CONFIDENCE, HALF, POSITIVE_RATE, Figure, Outputs, Without
from app.domain.outputs.figure import name_of as named
from app.domain.outputs.positive import positive_cells
from drift_core import CategoricalGrid, Counts, NumericGrid
from drift_core.types import FIRST_VALUE, INVALID, MISSING, BoolArray, FloatArray, IntArray

PARTS = 10
"""Bins of the confidence, as wide as each other from 1/2 to 1."""
RATE_GRID = CategoricalGrid(("positive", "negative"), 2)
CONFIDENCE_GRID = CategoricalGrid(
    tuple(f"{HALF + n / 20:.2f} to {HALF + (n + 1) / 20:.2f}" for n in range(PARTS)), PARTS
)
NOT_PROBABLE = "not_a_probability: the reference's scores leave the span from 0 to 1"
NO_ROWS = "no_reference_rows"


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be told, and what cannot."""

    figures: tuple[Figure, ...]
    without: tuple[Without, ...]


def plan(schema: Schema, references: Sequence[tuple[Feature, Counts]], outputs: Outputs) -> Plan:
    """Return the figures of some columns, given the reference's counts of each."""
    predicts = any(column.role is Role.PREDICTION for column in schema.counted())
    found: list[Figure | Without] = []
    for column, ref in references:
        if column.role is Role.PREDICTION:
            found.append(_of_prediction(column.name, ref, outputs))
        elif column.role is Role.SCORE:
            found += _of_score(column.name, ref, outputs, predicts=predicts)
    return Plan(
        tuple(one for one in found if isinstance(one, Figure)),
        tuple(one for one in found if isinstance(one, Without)),
    )


def _of_prediction(column: str, ref: Counts, outputs: Outputs) -> Figure | Without:
    name = named(POSITIVE_RATE, column)
    if not ref.present:
        return Without(name, NO_ROWS)
    positive = positive_cells(ref, outputs.positive)
    return Without(name, positive) if isinstance(positive, str) else _rate(column, positive)


def _of_score(
    column: str, ref: Counts, outputs: Outputs, *, predicts: bool
) -> Iterator[Figure | Without]:
    rate, confidence = (named(figure, column) for figure in (POSITIVE_RATE, CONFIDENCE))
    grid = ref.grid
    if not isinstance(grid, NumericGrid) or not ref.present:
        why = NO_ROWS if isinstance(grid, NumericGrid) else "categorical: scores are numbers"
        yield from (Without(name, why) for name in (rate, confidence))
        return
    middle, inside = _middles(grid)
    probable = not ref.values[~inside].any()
    if outputs.threshold is not None or (not predicts and probable):
        threshold = HALF if outputs.threshold is None else outputs.threshold
        raw = _middles(grid, clip=False)[0]
        yield _rate(column, raw >= threshold)
    elif not predicts:
        yield Without(rate, NOT_PROBABLE)
    yield _confidence(column, middle, inside) if probable else Without(confidence, NOT_PROBABLE)


def _middles(grid: NumericGrid, *, clip: bool = True) -> tuple[FloatArray, BoolArray]:
    """Return the middle of each cell, of what of it lies between 0 and 1; and which do so.

    It hangs on the grid alone: neither the reference nor a window chooses what a cell means.
    """
    lower, upper = grid.limits
    inside = np.where(grid.points, (lower >= 0) & (lower <= 1), (upper > 0) & (lower < 1))
    if clip:
        lower, upper = np.clip(lower, 0.0, 1.0), np.clip(upper, 0.0, 1.0)
    # a middle of neighbours, also where both are very large; at the ends it is without bound
    return lower / 2 + upper / 2, inside


def _rate(column: str, positive: BoolArray) -> Figure:
    places = np.where(positive, FIRST_VALUE, FIRST_VALUE + 1)
    scores = positive.astype(np.float64)
    return Figure(POSITIVE_RATE, column, RATE_GRID, _whole(places), _padded(scores))


def _confidence(column: str, middle: FloatArray, inside: BoolArray) -> Figure:
    sure = np.abs(middle - HALF)
    parts = np.minimum((sure * 2 * PARTS).astype(np.int64), PARTS - 1)
    places = np.where(inside, FIRST_VALUE + parts, CONFIDENCE_GRID.unseen_cell)
    scores = np.where(inside, HALF + sure, np.nan)
    return Figure(CONFIDENCE, column, CONFIDENCE_GRID, _whole(places), _padded(scores))


def _whole(places: IntArray) -> IntArray:
    return np.concatenate(([MISSING, INVALID], places)).astype(np.int64)


def _padded(scores: FloatArray) -> FloatArray:
    """Rows that are missing or invalid take no part in a mean."""
    return np.concatenate(([np.nan, np.nan], scores))
