"""Event times: RFC 3339 text, typed times and numbers become microseconds, or a named fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from app.domain.batch import RawColumn
from app.domain.model import TimeUnit
from app.domain.rows.clocks import ODD, micros_of
from app.domain.rows.texts import dictionary_of, views_of
from drift_core import Coded

Micros = npt.NDArray[np.int64]
Verdicts = npt.NDArray[np.uint8]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
PER_SECOND = {
    TimeUnit.SECONDS: 1,
    TimeUnit.MILLISECONDS: 10**3,
    TimeUnit.MICROSECONDS: 10**6,
    TimeUnit.NANOSECONDS: 10**9,
}
VIEW_WORDS = 4
"""32-bit words of an Arrow view: size, first characters, buffer, place in it."""

DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
OFFSET = "[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
REST = rf"(?:\.([0-9]{{1,9}}))?({OFFSET})?"
LEAP_SECOND = rf"^{DATE}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:60{REST}$"
TIME = rf"^({DATE})(?:[Tt ]({CLOCK}){REST})?$"
"""RFC 3339; also without an offset (then UTC), its colon, or the clock (then midnight).

A leap second and 24:00 are no times of day here.
"""


class Problem(IntEnum):
    """Why a value is no event time."""

    NONE = 0
    MISSING = 1
    NOT_A_TIME = 2
    OUT_OF_RANGE = 3
    NO_UNIT = 4
    LEAP_SECOND = 5


DETAILS = {
    Problem.MISSING: "the event time is missing",
    Problem.NOT_A_TIME: "the event time must be RFC 3339, such as 2026-01-31T12:00:00Z",
    Problem.LEAP_SECOND: "leap seconds are not read; the event time's seconds must be 00 to 59",
    Problem.OUT_OF_RANGE: "the event time must lie in the years 1970 to 2199",
    Problem.NO_UNIT: "a numeric event time needs its time_unit (s, ms, us or ns) in the schema",
}


@dataclass(frozen=True, slots=True)
class Times:
    """Event times of rows; where ``problems`` is not zero the time means nothing."""

    micros: Micros
    problems: Verdicts


def to_datetime(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def to_micros(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


def event_times(column: RawColumn, unit: TimeUnit | None, *, untyped: bool) -> Times:
    """Return the event times of a column.

    Parameters
    ----------
    column
        Text, dates, times, or numbers since 1970-01-01 UTC; shape (rows,).
    unit
        Of numbers; without it they are a problem, since guessing would move rows by years.
    untyped
        Whether text may spell numbers (CSV).
    """
    if isinstance(column, list):
        return _of_values(column, unit)
    if isinstance(column, Coded):
        return _of_coded(column)
    kind = column.dtype
    if kind == pl.String:
        return _of_text(column, unit) if untyped else _of_rfc3339(column)
    return _of_series(column, unit)


def _of_series(column: pl.Series, unit: TimeUnit | None) -> Times:
    kind = column.dtype
    if kind == pl.Null:
        return _all(Problem.MISSING, len(column))
    if kind.is_numeric():
        return _of_numbers(column, unit)
    if kind in (pl.Date, pl.Datetime):
        return _of_typed(column)
    return _all(Problem.NOT_A_TIME, len(column))


def _of_values(values: Sequence[object], unit: TimeUnit | None) -> Times:
    """Read each kind of value with its own reader; most columns hold one kind."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return _of_texts(cast("Sequence[str]", values))
    times = _all(Problem.NOT_A_TIME, len(values))
    readers: list[tuple[tuple[type, ...], Callable[[list[object]], Times]]] = [
        ((type(None),), lambda some: _all(Problem.MISSING, len(some))),
        ((str,), lambda some: _of_texts(cast("list[str]", some))),
        ((int, float), lambda some: _of_numbers(_numbers(some), unit)),
    ]
    for wanted, read in readers:
        rows = [row for row, value in enumerate(values) if type(value) in wanted]
        if rows:
            found = read([values[row] for row in rows])
            times.micros[rows] = found.micros
            times.problems[rows] = found.problems
    return times


def _of_coded(column: Coded) -> Times:
    """Read each distinct text once; the last place is where -1 looks."""
    found = _of_rfc3339(dictionary_of(column))
    micros, problems = np.append(found.micros, 0), np.append(found.problems, Problem.MISSING)
    return Times(micros[column.codes], problems[column.codes].astype(np.uint8))


def _numbers(values: list[object]) -> pl.Series:
    if all(type(value) is int and abs(value) < 2**63 for value in values):
        return pl.Series(values, dtype=pl.Int64)
    return pl.Series([float(value) for value in values], dtype=pl.Float64)  # type: ignore[arg-type]


def _of_text(column: pl.Series, unit: TimeUnit | None) -> Times:
    """Read text of a format that knows text only: numbers where the schema says a unit."""
    if unit is None:
        times = _of_rfc3339(column)
        spelled = column.cast(pl.Float64, strict=False).is_finite().fill_null(value=False)
        return _with(times, spelled.to_numpy(), Problem.NO_UNIT)
    whole = column.cast(pl.Int64, strict=False)
    if whole.null_count() == column.null_count():
        return _of_numbers(whole, unit)
    numbers = column.cast(pl.Float64, strict=False)
    times = _of_numbers(numbers, unit)
    wrong = (numbers.is_null() & column.is_not_null()).to_numpy()
    return _with(times, wrong, Problem.NOT_A_TIME)


def _of_texts(values: Sequence[str]) -> Times:
    """Read Python's texts without a column of them, which would cost more than one row does."""
    joined = "".join(values)
    if not joined.isascii():
        return _of_rfc3339(pl.Series(values, dtype=pl.String))
    sizes = np.fromiter(map(len, values), np.uint32, len(values))
    views = np.zeros((len(values), VIEW_WORDS), np.uint32)
    views[:, 0] = sizes
    # texts of up to 12 characters would stand in the view itself, and are no whole times anyway
    views[:, -1] = np.cumsum(sizes) - sizes
    micros = micros_of(views.view(np.uint8).reshape(-1), np.frombuffer(joined.encode(), np.uint8))
    problems = np.zeros(len(values), np.uint8)
    odd = np.flatnonzero(micros == ODD)
    if odd.size:
        some = _of_any_rfc3339(pl.Series([values[row] for row in odd.tolist()], dtype=pl.String))
        micros[odd], problems[odd] = some.micros, some.problems
    return _in_range(micros, problems)


def _of_rfc3339(column: pl.Series) -> Times:
    """Read the plainest forms in one pass, and those that are left one by one as an expression."""
    texts = views_of(column)
    if len(texts.buffers) > 1:
        return _of_any_rfc3339(column)
    data = texts.buffers[0] if texts.buffers else np.zeros(0, np.uint8)
    micros = micros_of(texts.views.reshape(-1), data)
    problems = np.zeros(len(column), np.uint8)
    odd = np.flatnonzero(micros == ODD)
    if odd.size:
        some = _of_any_rfc3339(column.gather(odd))
        micros[odd], problems[odd] = some.micros, some.problems
    if texts.validity is not None:
        absent = ~cast("npt.NDArray[np.bool_]", texts.validity)
        micros[absent], problems[absent] = 0, Problem.MISSING
    return _in_range(micros, problems)


def _of_any_rfc3339(column: pl.Series) -> Times:
    text = pl.col("text")
    parts = text.str.extract_groups(TIME).struct
    clock = parts.field("2").fill_null("00:00:00")
    offset = parts.field("4").fill_null("Z")
    hours = offset.str.slice(1, 2).cast(pl.Int64, strict=False)
    minutes = 60 * hours + offset.str.slice(-2).cast(pl.Int64, strict=False)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    stamp = pl.concat_str(parts.field("1"), pl.lit("T"), clock)
    frame = (
        column.alias("text")
        .to_frame()
        .select(
            seconds=stamp.str.to_datetime(
                "%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False
            ).dt.epoch("us"),
            fraction=parts.field("3")
            .fill_null("")
            .str.pad_end(6, "0")
            .str.slice(0, 6)
            .cast(pl.Int64),
            offset=(sign * minutes).fill_null(0),
        )
    )
    micros = frame["seconds"] + frame["fraction"] - frame["offset"] * 60_000_000
    problems = np.zeros(len(column), np.uint8)
    odd = micros.is_null().to_numpy()
    problems[odd] = Problem.NOT_A_TIME
    if odd.any():
        leaps = column.str.contains(LEAP_SECOND).fill_null(value=False).to_numpy()
        problems[odd & leaps] = Problem.LEAP_SECOND
    problems[column.is_null().to_numpy()] = Problem.MISSING
    return _in_range(micros.fill_null(0).to_numpy().astype(np.int64), problems)


def _of_numbers(column: pl.Series, unit: TimeUnit | None) -> Times:
    missing = column.is_null().to_numpy()
    if unit is None:
        return _with(_all(Problem.NO_UNIT, len(column)), missing, Problem.MISSING)
    problems = np.zeros(len(column), np.uint8)
    scale = PER_SECOND[unit]
    latest = to_micros(LATEST)
    numbers = column.fill_null(0).to_numpy()
    floats = numbers.astype(np.float64)
    problems[np.isnan(floats)] = Problem.MISSING
    # compared as floats first: an integer near 2^63 has no microseconds to be scaled to
    outside = ~(floats >= 0) | ~(floats <= 2 * latest * (scale / 1e6))
    problems[outside & (problems == 0)] = Problem.OUT_OF_RANGE
    numbers = np.where(problems == 0, numbers, 0)
    if numbers.dtype.kind in "iu":
        exact = numbers.astype(np.int64)
        micros = exact * (10**6 // scale) if scale <= 10**6 else exact // (scale // 10**6)
    else:
        micros = np.rint(numbers.astype(np.float64) * (1e6 / scale)).astype(np.int64)
    problems[missing] = Problem.MISSING
    return _in_range(micros, problems)


def _of_typed(column: pl.Series) -> Times:
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if column.dtype == pl.Date:
        # days are scaled here, since microseconds of far days do not fit
        return _of_numbers(column.cast(pl.Int64) * 86_400, TimeUnit.SECONDS)
    unit = {"ms": TimeUnit.MILLISECONDS, "us": TimeUnit.MICROSECONDS, "ns": TimeUnit.NANOSECONDS}
    precision = column.dtype.time_unit if isinstance(column.dtype, pl.Datetime) else None
    return _of_numbers(column.cast(pl.Int64), unit[precision or "us"])


def _in_range(micros: Micros, problems: Verdicts) -> Times:
    outside = (micros < 0) | (micros >= to_micros(LATEST))
    problems[outside & (problems == 0)] = Problem.OUT_OF_RANGE
    return Times(micros, problems)


def _all(problem: Problem, rows: int) -> Times:
    return Times(np.zeros(rows, np.int64), np.full(rows, problem, np.uint8))


def _with(times: Times, rows: npt.NDArray[np.bool_], problem: Problem) -> Times:
    times.problems[rows] = problem
    return times
