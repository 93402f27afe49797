"""What a column is for, told by its name and its values, where no schema was declared."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from app.domain.batch import RawColumn, Table
from app.domain.errors import Fault, Invalid
from app.domain.model import HOLDS_TIMES, Feature, Kind, Precision, Role, Schema
from app.domain.rows.times import DETAILS, Problem, event_times
from app.domain.rows.values import levels, numbers_of
from drift_core import Coded

ROLES = {
    "timestamp": Role.TIMESTAMP,
    "id": Role.ID,
    "prediction_id": Role.ID,
    "prediction": Role.PREDICTION,
    "score": Role.SCORE,
    "label": Role.LABEL,
}
CODE = "^[+-]?0[0-9]"
"""Digits that begin with a zero name something, such as a postcode; they are no number."""
MOST_DISTINCT = 0.5
SAMPLE = 1_000
"""Values by which a column is taken to hold times; a schema rests on nothing of it."""


def infer_schema(table: Table) -> Schema:
    """Return a schema that says of every column what it is taken for, and why.

    Numbers and durations are numeric, text and booleans categorical; text with over half its values
    distinct is ignored, and so are dates, nested columns and columns without any value or without
    a name. A few names give their column a role.

    Raises
    ------
    Invalid
        The column ``timestamp`` holds no times, or numbers, whose unit must be declared.
    """
    features: list[Feature] = []
    taken: set[Role] = set()
    for name, column in table.columns.items():
        role = _role(name, column, taken, untyped=table.untyped)
        taken.add(role)
        features.append(_feature(name, role, column, untyped=table.untyped))
    if Role.TIMESTAMP not in taken:
        features = [_told_times(one, table) for one in features]
    for name, nested in table.nested.items():
        why = f"nested values ({nested.kind}) are not counted"
        features.append(Feature(name, Kind.IGNORED, why=why))
    return Schema(tuple(features))


def _told_times(feature: Feature, table: Table) -> Feature:
    """Say of a column that it holds times, since rows without any count as of their arrival."""
    column = table.columns[feature.name]
    if feature.role is not Role.FEATURE or not holds_times(column, untyped=table.untyped):
        return feature
    return replace(feature, why=f"{feature.why}; {HOLDS_TIMES}")


def holds_times(column: RawColumn, *, untyped: bool) -> bool:
    """Whether the first values of a column are times, as text or typed; numbers never are."""
    if isinstance(column, Coded):
        some: RawColumn = Coded(column.codes[:SAMPLE], column.dictionary)
    else:
        some = column[:SAMPLE]
    problems = event_times(some, None, untyped=untyped).problems
    present = problems[problems != Problem.MISSING]
    return bool(present.size) and not present.any()


def _role(name: str, column: RawColumn, taken: set[Role], *, untyped: bool) -> Role:
    role = ROLES.get(name, Role.FEATURE)
    if role is Role.TIMESTAMP:
        _refuse_times(name, column, untyped=untyped)
    if role is Role.SCORE and _kind(column, untyped=untyped)[0] is not Kind.NUMERIC:
        return Role.FEATURE
    return Role.FEATURE if role in taken else role


def _refuse_times(name: str, column: RawColumn, *, untyped: bool) -> None:
    """Refuse a column that is named for the event time and tells none."""
    problems = event_times(column, None, untyped=untyped).problems
    present = problems[problems != Problem.MISSING]
    for problem in (Problem.NO_UNIT, Problem.NOT_A_TIME, Problem.LEAP_SECOND):
        if present.size and (present == problem).all():
            detail = DETAILS[problem]
            raise Invalid(
                f"column {name!r} cannot be the event time: {detail}", (Fault(detail, field=name),)
            )


def _feature(name: str, role: Role, column: RawColumn, *, untyped: bool) -> Feature:
    if not name:
        # such as the index that pandas writes: no path and no alarm could say its name
        return Feature(name, Kind.IGNORED, why="it has no name")
    if role in (Role.TIMESTAMP, Role.ID):
        return Feature(name, Kind.IGNORED, role, why="its name")
    kind, why = _kind(column, untyped=untyped)
    if kind is Kind.CATEGORICAL and role is Role.FEATURE:
        kind, why = _categorical(column, why)
    if role is not Role.FEATURE:
        why = f"its name; {why}"
    narrow = isinstance(column, pl.Series) and column.dtype == pl.Float32
    return Feature(name, kind, role, Precision.FLOAT32 if narrow else Precision.FLOAT64, why=why)


def _categorical(column: RawColumn, why: str) -> tuple[Kind, str]:
    found = levels(column)
    present = int((found.codes >= 0).sum())
    if why == "text" and len(found.dictionary) > MOST_DISTINCT * present:
        return Kind.IGNORED, "over half of its values are distinct text"
    return Kind.CATEGORICAL, why


def _kind(column: RawColumn, *, untyped: bool) -> tuple[Kind, str]:
    if isinstance(column, list):
        return _kind_of_values(column)
    if isinstance(column, Coded):
        held = bool((column.codes >= 0).any())
        return (Kind.CATEGORICAL, "text") if held else (Kind.IGNORED, "it holds no value")
    if column.null_count() == len(column):
        return Kind.IGNORED, "it holds no value"
    if column.dtype == pl.String:
        spells = untyped and _spells_numbers(column)
        return (Kind.NUMERIC, "numbers") if spells else (Kind.CATEGORICAL, "text")
    return _kind_of_type(column.dtype)


def _kind_of_type(kind: pl.DataType) -> tuple[Kind, str]:
    if kind.is_numeric():
        return Kind.NUMERIC, "numbers"
    if isinstance(kind, pl.Duration):
        return Kind.NUMERIC, "durations, in seconds"
    if kind == pl.Boolean:
        return Kind.CATEGORICAL, "booleans"
    why = f"values of type {kind} are not counted"
    if kind.is_temporal():
        # a later window holds later times: that would be drift whatever happens
        return Kind.IGNORED, f"{why}; derive what matters of them, such as the hour or an age"
    return Kind.IGNORED, why


def _spells_numbers(column: pl.Series) -> bool:
    if column.str.contains(CODE).any():
        return False
    found = numbers_of(column, untyped=True)
    return not found.invalid.any() and not found.missing.all()


def _kind_of_values(values: list[object]) -> tuple[Kind, str]:
    """Tell the kind by what most values are; the others will be invalid, or levels as well."""
    names: Mapping[type, str] = {float: "numbers", int: "numbers", str: "text", bool: "booleans"}
    types = Counter(map(type, values))
    types.pop(type(None), None)
    kinds = Counter[str]()
    for kind, number in types.items():
        kinds[names.get(kind, "nested values")] += number
    if not kinds:
        return Kind.IGNORED, "it holds no value"
    most, _ = kinds.most_common(1)[0]
    if most == "nested values":
        return Kind.IGNORED, "nested values are not counted"
    return (Kind.NUMERIC if most == "numbers" else Kind.CATEGORICAL), most
