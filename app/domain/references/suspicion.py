"""What looks wrong in a reference: said when it is uploaded, and never a reason to refuse it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.domain.batch import CountVector
from app.domain.model import HOLDS_TIMES, Feature, Role, Schema, Warned
from app.domain.rows.profile import Columns
from app.domain.rows.values import Levels, Values
from drift_core import CategoricalGrid, Finding, GridSet, examine_numbers

FEW_ROWS = 1_000
MOSTLY = 0.5
NOTABLE = 0.001
RARE = 0.2


@dataclass(frozen=True, slots=True)
class Counted:
    """A reference's counts, for those suspicions that depend on its grids."""

    grids: GridSet
    vector: CountVector
    founding: bool


def suspicions(schema: Schema, rows: int, columns: Columns, counted: Counted) -> tuple[Warned, ...]:
    """Return what looks wrong, the reference as a whole first, then column by column."""
    found: list[Warned] = []
    if rows < FEW_ROWS:
        detail = f"only {rows} rows; with fewer than {FEW_ROWS} small changes cannot be seen"
        found.append(Warned(None, "few_rows", detail))
    for feature in schema.features:
        if feature.counted:
            found += _of_values(feature, rows, columns.values[feature.name], columns)
            found += _of_levels(feature, counted)
            found += _of_times(feature)
        elif feature.role is Role.FEATURE and feature.why != "declared":
            found.append(Warned(feature.name, "ignored", f"not watched: {feature.why}"))
    detail = "not watched: the model's schema does not know this column"
    found += [Warned(name, "unknown", detail) for name in columns.findings.unknown]
    return tuple(found)


def _of_times(feature: Feature) -> Iterator[Warned]:
    """Name a column that is watched, and may be the event time that nobody declared."""
    if feature.why.endswith(HOLDS_TIMES):
        yield Warned(feature.name, "time", f"rows count as of when they arrive, but {HOLDS_TIMES}")


def _of_values(feature: Feature, rows: int, values: Values, columns: Columns) -> Iterator[Warned]:
    name = feature.name
    if name in columns.findings.absent:
        yield Warned(name, "absent", "the reference does not have this column")
        return
    if invalid := columns.findings.invalid.get(name):
        yield Warned(name, "invalid", f"{_share(invalid, rows)} of its values have the wrong type")
    missing = int(values.missing.sum())
    if missing + (invalid or 0) == rows:
        yield Warned(name, "all_missing", "it has no value at all")
        return
    if missing > MOSTLY * rows:
        yield Warned(name, "mostly_missing", f"{_share(missing, rows)} of its values are missing")
    if isinstance(values, Levels):
        if len(values.dictionary) == 1:
            yield Warned(name, "constant", "all its values are equal")
        return
    yield from _of_numbers(feature, values.values[~np.isnan(values.values)].astype(np.float64))


def _of_numbers(feature: Feature, present: npt.NDArray[np.float64]) -> Iterator[Warned]:
    distinct, counts = np.unique(present, return_counts=True)
    for found in examine_numbers(distinct, counts):
        yield Warned(feature.name, found.code, _told(found, present.size, feature))


def _told(found: Finding, rows: int, feature: Feature) -> str:
    if found.value is None or found.distance is None:
        share = _share(found.rows, rows)
        return {"infinite": f"{share} of its values are infinite"}.get(
            found.code, "all its values are equal"
        )
    value = "a value" if feature.sensitive else f"the value {found.value:g}"
    many = "1 row" if found.rows == 1 else f"{found.rows} rows"
    away = f"{found.distance:.0f} times the range of all others away from them"
    return f"{value} lies {away}; {many} out there"


def _of_levels(feature: Feature, counted: Counted) -> Iterator[Warned]:
    grid = counted.grids[feature.name]
    if not isinstance(grid, CategoricalGrid):
        return
    counts = counted.grids.counts(counted.vector, feature.name)
    rare, unseen = int(counts.cells[grid.rare_cell]), int(counts.cells[grid.unseen_cell])
    present = counts.present
    if rare > RARE * present:
        share = _share(rare, present)
        detail = f"{share} of its values are of rare levels, which are watched together only"
        yield Warned(feature.name, "many_levels", detail)
    if unseen > NOTABLE * present and not counted.founding:
        share = _share(unseen, present)
        yield Warned(feature.name, "unseen", f"{share} of its values are of levels never seen yet")


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %" if whole else "none"
