"""From a decoded column to what a grid counts: numbers or levels, and what is missing or wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from app.domain.batch import RawColumn
from app.domain.model import Feature, Kind, Precision
from app.domain.rows.spellings import floats_of
from app.domain.rows.texts import series_of, views_of
from drift_core import Coded, Texts, TextViews, canonical_level

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]

REALS = frozenset({float, int, type(None)})
TEXTS = frozenset({str, type(None)})
FEW = 1_000
"""Up to so many values a loop is done before a table of them is made."""
PER_SECOND = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000}
BOOLEANS = {"True": "true", "False": "false"}
TRUE, FALSE = (int.from_bytes(text, "little") for text in (b"True", b"Fals"))
INFINITY = r"^[+-]?(?i:inf|infinity)$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A numeric column: NaN where a value is missing or invalid."""

    values: Floats
    invalid: Mask

    @property
    def missing(self) -> Mask:
        return np.isnan(self.values) & ~self.invalid


@dataclass(frozen=True, slots=True)
class Levels:
    """A categorical column: places in a dictionary of canonical texts, in order of appearance.

    The code is -1 where a value is missing or invalid.
    """

    codes: Codes
    dictionary: tuple[str, ...]
    invalid: Mask

    @property
    def missing(self) -> Mask:
        return (self.codes < 0) & ~self.invalid


@dataclass(frozen=True, slots=True)
class Words:
    """A categorical column of texts as they lie, spelled canonically only as they are counted.

    None is invalid; where there is no value the texts themselves say so.
    """

    texts: Texts | TextViews | Coded

    @property
    def invalid(self) -> Mask:
        texts = self.texts
        rows = texts.codes.size if isinstance(texts, Coded) else texts.rows
        return np.zeros(rows, np.bool_)


@dataclass(frozen=True, slots=True)
class Absent:
    """A feature whose column is not there: missing in every row, and no memory for any."""

    rows: int

    @property
    def invalid(self) -> Mask:
        return np.broadcast_to(np.False_, self.rows)


Values = Numbers | Levels
"""A feature's values, spelled out: what a reference is made of."""
Countable = Values | Words | Absent
"""Values that can be counted, if not compared with one another."""


def countable(column: RawColumn, feature: Feature, *, untyped: bool) -> Countable:
    """Return a counted feature's values; unlike `coerce` it spells no text."""
    if feature.kind is not Kind.CATEGORICAL:
        return coerce(column, feature, untyped=untyped)
    if isinstance(column, Coded):
        return Words(column)
    if isinstance(column, list):
        if len(column) <= FEW or not set(map(type, column)) <= TEXTS:
            return levels(column)
        column = pl.Series(column, dtype=pl.String)
    if column.dtype != pl.String:
        return levels(column)
    views = views_of(column)
    if untyped and may_spell_booleans(views):
        views = views_of(column.replace(BOOLEANS))
    return Words(views)


def may_spell_booleans(texts: TextViews) -> bool:
    """Whether a text is as long as `True` or `False`, and begins like it."""
    size, start = texts.views.view(np.uint32).T[:2]
    return bool((((size == 4) & (start == TRUE)) | ((size == 5) & (start == FALSE))).any())


def coerce(column: RawColumn, feature: Feature, *, untyped: bool) -> Values:
    """Return a counted feature's values.

    Parameters
    ----------
    column
        As decoded, shape (rows,).
    feature
        Numeric or categorical; its precision is the width the numbers are narrowed to.
    untyped
        Whether the format knows text only (CSV), so that text may spell numbers.
    """
    if feature.kind is Kind.CATEGORICAL:
        return levels(_with_booleans(column) if untyped else column)
    numbers = numbers_of(column, untyped=untyped)
    if feature.precision is Precision.FLOAT32:
        return Numbers(narrowed(numbers.values), numbers.invalid)
    return numbers


def absent(rows: int, feature: Feature) -> Values:
    """Return what a feature counts in rows that do not have its column."""
    nothing = np.zeros(rows, np.bool_)
    if feature.kind is Kind.CATEGORICAL:
        return Levels(np.full(rows, -1, np.int32), (), nothing)
    return Numbers(np.full(rows, np.nan), nothing)


def narrowed(values: Floats) -> Floats:
    """Return numbers as float32; those beyond its range become its infinities."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def numbers_of(column: RawColumn, *, untyped: bool) -> Numbers:
    """Return a column as numbers, durations in seconds.

    Text (unless ``untyped``), booleans, times and the rest are invalid.
    """
    if isinstance(column, list):
        return _numbers_of_values(column)
    if isinstance(column, Coded):
        return Numbers(np.full(column.codes.size, np.nan), column.codes >= 0)
    if column.dtype.is_numeric():
        return _floats(column)
    if isinstance(column.dtype, pl.Duration):
        return _floats(column.cast(pl.Int64) / PER_SECOND[column.dtype.time_unit])
    if column.dtype == pl.String and untyped:
        return _numbers_of_text(column)
    return Numbers(np.full(len(column), np.nan), column.is_not_null().to_numpy())


def _with_booleans(column: RawColumn) -> RawColumn:
    """Return text that may spell booleans with one spelling: what writes CSV often capitalises."""
    if not isinstance(column, pl.Series) or column.dtype != pl.String:
        return column
    return column.replace(BOOLEANS)


def levels(column: RawColumn) -> Levels:
    """Return a column as levels: text, numbers and booleans, spelled canonically."""
    if isinstance(column, list):
        return _levels_of_values(column)
    if isinstance(column, Coded):
        return _levels_of_series(series_of(column))
    kind = column.dtype
    if kind in (pl.String, pl.Boolean) or kind.is_numeric():
        return _levels_of_series(column)
    return Levels(np.full(len(column), -1, np.int32), (), column.is_not_null().to_numpy())


def _floats(column: pl.Series) -> Numbers:
    wide = column if column.dtype in (pl.Float32, pl.Float64) else column.cast(pl.Float64)
    values = wide.fill_null(np.nan).to_numpy() if wide.null_count() else wide.to_numpy()
    return Numbers(values, np.zeros(len(column), np.bool_))


def _numbers_of_values(values: list[object]) -> Numbers:
    if all_real(values):
        try:
            # numpy reads None as NaN
            numbers = np.array(values, np.float64)
            return Numbers(numbers, np.zeros(len(values), np.bool_))
        except OverflowError:
            pass  # one integer is beyond every float
    numbers = np.full(len(values), np.nan)
    invalid = np.zeros(len(values), np.bool_)
    for row, value in enumerate(values):
        number = _number(value)
        if number is not None:
            numbers[row] = number
        invalid[row] = number is None and value is not None
    return Numbers(numbers, invalid)


def all_real(values: list[object]) -> bool:
    """Whether a list holds numbers and nothing else; a boolean is none."""
    return set(map(type, values)) <= REALS


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _numbers_of_text(column: pl.Series) -> Numbers:
    """Read the plainest spellings in one pass, and those that are left as an expression."""
    texts = views_of(column)
    if len(texts.buffers) > 1:
        return _numbers_of_any_text(column)
    data = texts.buffers[0] if texts.buffers else np.zeros(0, np.uint8)
    values, odd = floats_of(texts.views.reshape(-1), data)
    invalid = np.zeros(len(column), np.bool_)
    if texts.validity is not None:
        absent = ~cast("Mask", texts.validity)
        odd &= ~absent
        values[absent] = np.nan
    rows = np.flatnonzero(odd)
    if rows.size:
        some = _numbers_of_any_text(column.gather(rows))
        values[rows], invalid[rows] = some.values, some.invalid
    return Numbers(values, invalid)


def _numbers_of_any_text(column: pl.Series) -> Numbers:
    numbers = column.cast(pl.Float64, strict=False)
    unread = numbers.is_null() & column.is_not_null()
    if numbers.is_infinite().any():
        # a number too large for a float is no number, while an infinity spelled out is
        unread |= numbers.is_infinite().fill_null(value=False) & ~column.str.contains(INFINITY)
    invalid = unread.to_numpy()
    values = numbers.fill_null(np.nan).to_numpy().copy()
    values[invalid] = np.nan
    return Numbers(values, invalid)


def _levels_of_series(column: pl.Series) -> Levels:
    if column.dtype.is_float():
        column = column.fill_nan(None)
    coded = column.rename("").to_arrow().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    distinct = coded.dictionary.to_numpy(zero_copy_only=False)
    return _spelled(codes.astype(np.int32), distinct, np.zeros(len(column), np.bool_))


def _levels_of_values(values: list[object]) -> Levels:
    if len(values) > FEW and set(map(type, values)) <= TEXTS:
        return _levels_of_series(pl.Series(values, dtype=pl.String))
    invalid = np.zeros(len(values), np.bool_)
    codes = np.full(len(values), -1, np.int32)
    # the type is part of the key, since True == 1 == 1.0
    places: dict[tuple[type, object], int] = {}
    for row, value in enumerate(values):
        if isinstance(value, str | int | float):
            codes[row] = places.setdefault((type(value), value), len(places))
        else:
            invalid[row] = value is not None
    return _spelled(codes, [value for _, value in places], invalid)


def _spelled(codes: Codes, distinct: Iterable[object], invalid: Mask) -> Levels:
    """Spell the distinct values as levels; those that become one share its place."""
    places: dict[str, int] = {}
    index = [places.setdefault(canonical_level(value), len(places)) for value in distinct]
    if len(places) < len(index):
        # the last place is where -1 looks
        codes = np.array([*index, -1], np.int32)[codes]
    return Levels(codes, tuple(places), invalid)


def rows_of(mask: Mask, most: int) -> Sequence[int]:
    """Return the first rows of a mask, at most ``most``."""
    return [int(row) for row in np.flatnonzero(mask)[:most]]
