"""From a table to counts: what rejects a batch, what it only reports, and a row's pane."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain.batch import CountedBatch, Envelope, Findings, Panes, Table
from app.domain.errors import MAX_FAULTS, Fault, Invalid, TooLarge
from app.domain.model import Feature, Kind, Precision, Role, Schema, Settings, StoredGridSet
from app.domain.rows.flat import countable_of, flat_of
from app.domain.rows.identity import identified, identify
from app.domain.rows.pointing import fault_at
from app.domain.rows.time_names import instead_of
from app.domain.rows.times import DETAILS, Micros, Problem, event_times, to_datetime, to_micros
from app.domain.rows.values import (
    Absent,
    Countable,
    Mask,
    Numbers,
    Values,
    Words,
    absent,
    all_real,
    coerce,
    countable,
    narrowed,
    rows_of,
)
from app.domain.segments.dividing import Part, count_divided, parts_of, touched
from app.domain.window import FUTURE_TOLERANCE, PANE

TIMESTAMP = "timestamp"
PANE_MICROS = int(PANE.total_seconds() * 1e6)
FUTURE_MICROS = int(FUTURE_TOLERANCE.total_seconds() * 1e6)
MAX_PANES = 36_000
"""Panes that one batch may touch: a year of them. Each is a row in the database."""
MAX_SEGMENT_PANES = 200_000
"""The same with their segments, if there are any."""
MAX_PANE_VALUES = 5_000_000
"""Panes times features: each has a count, if only of missing values."""
PLACING = frozenset({Role.TIMESTAMP, Role.SEGMENT})
"""Roles of columns that say where a row belongs."""
MAX_NAMES = 100
MOST_ROWS = 5
"""Rows of one column's wrongly typed values that are named."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A table's counted features as values, and what was odd about them."""

    values: Mapping[str, Values]
    findings: Findings


@dataclass(frozen=True, slots=True)
class Countables:
    """The same, ready to be counted and no more."""

    values: Mapping[str, Countable]
    findings: Findings


def tally(
    table: Table, schema: Schema, grids: StoredGridSet, envelope: Envelope, settings: Settings
) -> CountedBatch:
    """Count a batch: every row into the pane of its event time, every feature into its cells.

    Rows have the time of arrival where no column tells one. Wrongly typed values and nested
    ones count as invalid, absent features as missing, unknown columns not at all; all three are
    findings, or, for a strict model, faults.

    Parameters
    ----------
    table
        Decoded rows; at least one.
    schema, settings
        The model's.
    grids
        The model's active grid set.
    envelope
        What is known of the batch; its arrival is the present time.

    Raises
    ------
    Invalid
        Event times are missing, malformed, out of range or in the future; a column of times or
        segments is nested; rows have no id where each is counted once; or the model is strict and
        something is odd. Nothing is counted.
    TooLarge
        The rows are spread over too many panes.
    """
    times, columns = read(table, schema, settings, to_micros(envelope.received_at))
    starts, panes = _panes(times)
    parts = parts_of(table, schema, grids, settings, columns.values)
    _refuse_spread(table, len(columns.values), starts.size, panes, parts)
    placed = Panes(
        [to_datetime(start * PANE_MICROS) for start in starts.tolist()], panes.astype(np.int64)
    )
    named = None
    if envelope.row_key is not None:
        timed = time_column(table, schema) is not None
        hashes = identify(
            table, schema, envelope.row_key, envelope.model_id, times if timed else None
        )
        named = identified(hashes, grids.grids, columns.values, placed, parts, timed=timed)
    return CountedBatch(
        envelope=envelope,
        grid_set=grids.id,
        rows=table.rows,
        panes=count_divided(grids.grids, columns.values, placed, parts),
        findings=columns.findings,
        first_event=to_datetime(int(times.min())),
        last_event=to_datetime(int(times.max())),
        identified=named,
    )


def _refuse_spread(
    table: Table, features: int, panes: int, of_rows: Micros, parts: Sequence[Part]
) -> None:
    """Refuse rows that are spread over more panes, or segments of panes, than one batch may be."""
    most = MAX_PANE_VALUES // max(1, features)
    segments = sum(touched(of_rows, panes, part) for part in parts) if panes <= MAX_PANES else 0
    if panes > MAX_PANES or panes > most or segments > min(most, MAX_SEGMENT_PANES):
        where = f"{panes} panes of 15 minutes"
        if segments:
            where += f" with {segments} segments in them"
        raise TooLarge(
            f"the rows are spread over {where}; send fewer at a time",
            (Fault("the rows are spread over too many panes"),),
            rows=table.rows,
        )


def read(
    table: Table, schema: Schema, settings: Settings, arrived: Micros | int
) -> tuple[Micros, Countables]:
    """Return when each row happened, and what is to be counted.

    Parameters
    ----------
    arrived
        Microseconds since 1970, of all rows or of each.

    Raises
    ------
    Invalid
        As `tally` does.
    """
    _refuse_unreadable(table, _placing(schema, settings))
    times = _times(table, schema, arrived)
    columns = read_countables(table, schema)
    if settings.strict:
        _refuse_findings(table, columns)
    return times, columns


def _panes(times: Micros) -> tuple[Micros, Micros]:
    """Return the numbers of the panes that are touched, and each row's place among them."""
    first, last = int(times.min()) // PANE_MICROS, int(times.max()) // PANE_MICROS
    if first == last:
        return np.array([first]), np.zeros(times.size, np.int64)
    numbers = times // PANE_MICROS
    starts, panes = np.unique(numbers, return_inverse=True)
    return starts, panes.astype(np.int64)


def read_columns(table: Table, schema: Schema) -> Columns:
    """Return the values of all counted features, and what was odd about the columns."""
    values = {feature.name: read_column(table, feature) for feature in schema.counted()}
    return Columns(values, _findings(table, schema, values))


def read_countables(table: Table, schema: Schema) -> Countables:
    """Return what `read_columns` does, but texts as they lie."""
    features = schema.counted()
    flat = flat_of(table.columns)
    known = {
        f.name: found
        for f in features
        if f.name in flat and (found := countable_of(flat[f.name], f)) is not None
    }
    others = [f for f in features if f.name not in known]
    numbers = numbers_at_once(table, others)
    for feature in others:
        known[feature.name] = numbers.get(feature.name) or _countable(table, feature)
    # in the schema's order, which findings keep
    values = {f.name: known[f.name] for f in features}
    return Countables(values, _findings(table, schema, values))


def numbers_at_once(table: Table, features: Sequence[Feature]) -> dict[str, Numbers]:
    """Return numeric features whose values are Python's numbers and nothing else, as one array.

    None of them where one value of one is something else: then each has to be looked at.
    """
    numeric = [f for f in features if f.kind is not Kind.CATEGORICAL]
    lists = [(f, c) for f in numeric if isinstance(c := table.columns.get(f.name), list)]
    if not lists or not all(all_real(column) for _, column in lists):
        return {}
    try:
        # numpy reads None as NaN
        values = np.array([column for _, column in lists], np.float64)
    except OverflowError:
        return {}  # one integer is beyond every float
    nothing = np.zeros(table.rows, np.bool_)
    return {
        f.name: Numbers(narrowed(row) if f.precision is Precision.FLOAT32 else row, nothing)
        for (f, _), row in zip(lists, values, strict=True)
    }


def read_column(table: Table, feature: Feature) -> Values:
    """Return the values of one column, spelled out."""
    column = table.columns.get(feature.name)
    if column is None:
        return absent(table.rows, feature)
    return coerce(column, feature, untyped=table.untyped)


def _countable(table: Table, feature: Feature) -> Countable:
    if feature.name in table.nested:
        return _uncountable(table, feature)
    column = table.columns.get(feature.name)
    if column is None:
        return Absent(table.rows)
    return countable(column, feature, untyped=table.untyped)


def _uncountable(table: Table, feature: Feature) -> Values:
    """Return a nested column's values: each row that has one has one of the wrong type."""
    present = table.nested[feature.name].present
    invalid = np.ones(table.rows, np.bool_) if present is None else present
    return replace(absent(table.rows, feature), invalid=invalid)


def _findings(table: Table, schema: Schema, values: Mapping[str, Countable]) -> Findings:
    wrong = {
        name: int(np.count_nonzero(found.invalid))
        for name, found in values.items()
        if not isinstance(found, Words | Absent)
    }
    odd = {name: rows for name, rows in wrong.items() if rows}
    return Findings(
        invalid=odd,
        invalid_rows={name: first_rows(values[name].invalid) for name in [*odd][:MAX_NAMES]},
        absent=tuple(
            f.name
            for f in schema.counted()
            if f.name not in table.columns and f.name not in table.nested
        ),
        unknown=_unknown(table, schema),
    )


def first_rows(invalid: Mask) -> tuple[int, ...]:
    """Return the first rows of a column's wrongly typed values, as many as a receipt names."""
    return tuple(rows_of(invalid, MOST_ROWS))


def refuse_nested(table: Table, schema: Schema) -> None:
    """Refuse a table in which a column that is to be read holds lists or structs.

    Raises
    ------
    Invalid
        Names the columns.
    """
    _refuse_unreadable(table, [f.name for f in schema.features if f.counted or f.role in PLACING])


def _placing(schema: Schema, settings: Settings) -> list[str]:
    """Return the columns that say where rows belong: a row that has none belongs nowhere."""
    groups = () if settings.segments is None else settings.segments.groups
    named = {name for group in groups for name in group}
    return [f.name for f in schema.features if f.role in PLACING or f.name in named]


def _refuse_unreadable(table: Table, names: Sequence[str]) -> None:
    faults = tuple(_nested_fault(table, name) for name in names if name in table.nested)
    if faults:
        raise Invalid("nested columns cannot be counted", faults, rows=table.rows)


def _nested_fault(table: Table, name: str) -> Fault:
    detail = f"a column of type {table.nested[name].kind} cannot be counted"
    return fault_at(table.layout, detail, None, name)


def time_column(table: Table, schema: Schema) -> Feature | None:
    """Return the column that tells when rows happened; None where arrival does.

    Where no column has that role, one named ``timestamp`` that the schema does not mention takes
    it: batches may bring times that the reference did not have.
    """
    declared = schema.of_role(Role.TIMESTAMP)
    if declared is not None:
        return declared
    if TIMESTAMP in table.columns and TIMESTAMP not in schema.by_name():
        return Feature(TIMESTAMP, Kind.IGNORED, Role.TIMESTAMP, why="its name")
    return None


def _unknown(table: Table, schema: Schema) -> tuple[str, ...]:
    known = schema.by_name().keys()
    timed = time_column(table, schema)
    names = (*table.columns, *table.nested)
    strange = [n for n in names if n not in known and (timed is None or n != timed.name)]
    return tuple(strange[:MAX_NAMES])


def _times(table: Table, schema: Schema, arrived: Micros | int) -> Micros:
    """Return the event time of each row in microseconds, or refuse the batch."""
    feature = time_column(table, schema)
    if feature is None:
        return np.full(table.rows, arrived, np.int64)
    flat = flat_of(table.columns).get(feature.name)
    micros = None if flat is None else flat.micros(feature.time_unit)
    if micros is not None and (micros <= arrived + FUTURE_MICROS).all():
        return micros
    column = table.columns.get(feature.name)
    if column is None:
        known = [one.name for one in schema.features]
        detail = "the schema says that rows have this column for their time"
        fault = Fault(detail + instead_of(feature.name, table, known), field=feature.name)
        raise Invalid("the event times are missing", (fault,), rows=table.rows)
    times = event_times(column, feature.time_unit, untyped=table.untyped)
    faults = list(_time_faults(table, feature, times.problems))
    ahead = (times.problems == 0) & (times.micros > arrived + FUTURE_MICROS)
    detail = "the event time lies more than 5 minutes in the future"
    faults += _faults(table, feature.name, ahead, detail)
    if faults:
        faults.sort(key=lambda fault: fault.row or 0)
        raise Invalid("event times cannot be used", tuple(faults), rows=table.rows)
    return times.micros


def _time_faults(table: Table, feature: Feature, problems: object) -> Iterable[Fault]:
    kinds = np.asarray(problems)
    if not kinds.any():
        return
    # a column of numbers lacks its unit as a whole; a number among other times is one row's fault
    if set(np.unique(kinds).tolist()) in ({Problem.NO_UNIT}, {Problem.NO_UNIT, Problem.MISSING}):
        yield fault_at(table.layout, DETAILS[Problem.NO_UNIT], None, feature.name)
        return
    for problem, detail in DETAILS.items():
        yield from _faults(table, feature.name, kinds == problem, detail)


def _faults(table: Table, name: str, rows: object, detail: str) -> list[Fault]:
    marked = np.asarray(rows, np.bool_)
    # one more than is listed would not be enough to tell how many there are
    return [fault_at(table.layout, detail, row, name) for row in rows_of(marked, 10 * MAX_FAULTS)]


def _refuse_findings(table: Table, columns: Countables) -> None:
    faults = [
        fault_at(table.layout, "a strict model needs this column", None, name)
        for name in columns.findings.absent
    ]
    faults += [
        fault_at(table.layout, "a strict model does not know this column", None, name)
        for name in columns.findings.unknown
    ]
    for name in columns.findings.invalid:
        if name in table.nested:
            faults.append(_nested_fault(table, name))
            continue
        detail = "the value has the wrong type"
        faults += _faults(table, name, columns.values[name].invalid, detail)
    if faults:
        raise Invalid(
            "the model is strict, and the batch is not clean", tuple(faults), rows=table.rows
        )
