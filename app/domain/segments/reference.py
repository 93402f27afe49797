"""The segments of a reference: which values have one, and what their rows count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from app.domain.batch import CountVector, Table
from app.domain.counts.counting import count
from app.domain.model import Schema
from app.domain.rows.profile import read_column
from app.domain.rows.values import Levels, Values
from app.domain.segments.dividing import divide
from app.domain.segments.segment import Grouping, Plan, Segmentation, Value
from drift_core import CategoricalGrid, GridSet

LEAST_PILOT = 20
"""Rows of the reference's pilot fifth, so about a hundred in all: fewer can never be judged."""

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SegmentCounts:
    """What one segment of a reference holds, on the cells of the whole."""

    rows: int
    vector: CountVector


SegmentVectors: TypeAlias = Mapping[str, SegmentCounts]


@dataclass(frozen=True, slots=True)
class Segmented:
    """The segments that a reference was divided into, and their counts; often none."""

    plan: Plan | None = None
    counts: SegmentVectors = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """Return what tells references apart that differ in their segments alone."""
        if self.plan is None:
            return b""
        texts = (f"{text}={one.rows}".encode() for text, one in self.counts.items())
        vectors = (one.vector.astype("<i8").tobytes() for one in self.counts.values())
        return b"\0segments\0" + self.plan.packed() + b"\0".join((*texts, *vectors))


NO_SEGMENTS = Segmented()


def columns_of(
    table: Table, schema: Schema, asked: Segmentation | None, values: Mapping[str, Values]
) -> dict[str, Levels]:
    """Return the columns that divide a reference's rows, spelled out."""
    names = dict.fromkeys(n for group in (asked.groups if asked else ()) for n in group)
    known = schema.by_name()
    found = {n: values[n] if n in values else read_column(table, known[n]) for n in names}
    return {name: one for name, one in found.items() if isinstance(one, Levels)}


def choose(asked: Segmentation, columns: Mapping[str, Levels], pilot: Mask) -> Plan:
    """Choose the values that get a segment of their own: those with most rows of the pilot.

    They are chosen on rows that levels are chosen on as well, and not on those that are counted:
    what is large by chance there would be smaller in every window. Of equal ones the earlier
    group and the lesser text come first, so that any order of rows gives the same.
    """
    ranked = [
        (-rows, group, tuple((one is not None, one or "") for one in value), value)
        for group, names in enumerate(asked.groups)
        for value, rows in _values([columns[name] for name in names], pilot)
    ]
    ranked.sort(key=lambda one: one[:3])
    kept = ranked[: asked.most]
    return Plan(
        asked,
        tuple(
            Grouping(names, tuple(value for _, group, _, value in kept if group == number))
            for number, names in enumerate(asked.groups)
        ),
    )


def _values(columns: Sequence[Levels], pilot: Mask) -> list[tuple[Value, int]]:
    """Return the values of a group that have rows enough in the pilot, and how many."""
    widths = [len(column.dictionary) + 1 for column in columns]
    codes = [column.codes[pilot].astype(np.int64) + 1 for column in columns]
    keys, rows = np.unique(_keys(codes, widths), return_counts=True)
    # a column may hold a million texts
    enough = rows >= LEAST_PILOT
    keys, rows = keys[enough], rows[enough]
    places = np.unravel_index(keys, widths)
    texts = [(None, *column.dictionary) for column in columns]
    values = [
        tuple(texts[i][place] for i, place in enumerate(one))
        for one in zip(*(place.tolist() for place in places), strict=True)
    ]
    return list(zip(values, rows.tolist(), strict=True))


def _keys(codes: Sequence[Codes], widths: Sequence[int]) -> Codes:
    return np.asarray(np.ravel_multi_index(tuple(codes), widths), np.int64)


def counted(
    plan: Plan,
    columns: Mapping[str, Levels],
    grids: GridSet,
    values: Mapping[str, Values],
    pilot: Mask | None,
) -> Segmented:
    """Count each segment of a reference.

    Parameters
    ----------
    pilot
        Rows that chose the levels, and do not count in categorical features; None where all do.
    """
    found: dict[str, SegmentCounts] = {}
    for grouping in plan.groupings:
        part = divide(grouping, columns)
        for number, text in enumerate(part.texts):
            rows = np.flatnonzero(part.of_rows == number)
            found[text] = SegmentCounts(rows.size, _vector(grids, values, rows, pilot))
    return Segmented(plan, found)


def _vector(
    grids: GridSet, values: Mapping[str, Values], rows: Codes, pilot: Mask | None
) -> CountVector:
    vector = grids.zero()
    fewer = rows if pilot is None else rows[~pilot[rows]]
    for name, grid in grids.grids:
        mine = fewer if isinstance(grid, CategoricalGrid) else rows
        vector[grids.slice(name)] = count(grid, values[name], mine).cells
    return vector
