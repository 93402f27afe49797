"""Columns as the public face takes them: lists with ``None``, odd types, masks.

Integers are compared as float64, so that beyond 2**53 those that round to one float are one value.
Durations count as seconds. Times of the calendar, complex numbers and records are refused.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

import numpy as np

from drift_core.columns.validity import Presence, mask_of, presence_of
from drift_core.errors import BadValues
from drift_core.kernels import adopt, on_device, to_host
from drift_core.types import AnyArray, BoolArray, FloatArray

_NUMBERS = (float, int, np.integer, np.floating, np.bool_, Decimal)
_WAYS_OUT = {
    "M": ": times only ever grow, so that every window would differ; derive the hour, the weekday"
    " or an age",
    "c": "; give its parts, or its size and angle, as columns of their own",
    "V": "; give its fields as columns of their own",
    "T": "; give it as a list",
}


class Numbers(NamedTuple):
    """A numeric column: floats, NaN where there is no number, and how many of those are invalid."""

    floats: AnyArray
    invalid: int


class Column(NamedTuple):
    """A numeric column as it came, any type of number, and where it has values."""

    values: AnyArray
    presence: Presence
    invalid: int


def column_of(
    values: object, missing: object = None, invalid: object = None, validity: object = None
) -> Column:
    """Take a column with its masks; numbers are not copied, whatever their type and layout."""
    given = _one_axis(values)
    presence = presence_of(given.size, validity, missing, invalid)
    if given.dtype.kind in "OUS":
        presence.check(given)
        floats, wrong = _parse_objects(given)
        present = presence._replace(invalid=None).read(0, given.size)
        wrong = wrong & present if present.size else wrong
        both = wrong if presence.invalid is None else wrong | presence.invalid
        return Column(floats, presence._replace(invalid=both), int(np.count_nonzero(both)))
    found = 0 if presence.invalid is None else int(np.count_nonzero(presence.invalid))
    return Column(given, presence, found)


def numbers_of(values: object, missing: object = None, invalid: object = None) -> Numbers:
    """Take a column as float32 or float64 with its masks; it is copied only if need be."""
    given = _one_axis(values)
    given = to_host(given) if on_device(given) else given
    wrong = np.zeros(0, np.bool_)
    if given.dtype.kind in "OUS":
        given, wrong = _parse_objects(given)
    floats = as_float(given)
    nan = floats.dtype.type(np.nan)
    if missing is not None:
        absent = mask_of(missing, floats.size)
        floats = np.where(absent, nan, floats)
        wrong = wrong & ~absent if wrong.size else wrong
    if invalid is not None:
        masked = mask_of(invalid, floats.size)
        floats = np.where(masked, nan, floats)
        wrong = wrong | masked if wrong.size else masked
    return Numbers(floats, int(np.count_nonzero(wrong)))


def _one_axis(values: object) -> AnyArray:
    given = _array_of(values)
    if given.ndim != 1:
        raise BadValues(f"a column has one axis, not the shape {given.shape}")
    if given.dtype.kind == "m":
        return _seconds(given)
    if given.dtype.kind not in "OUSbiuf":
        raise BadValues(f"a column of {given.dtype} is not numeric{_WAYS_OUT[given.dtype.kind]}")
    return given


def _seconds(durations: AnyArray) -> FloatArray:
    """Durations as seconds; what is no time is NaN."""
    try:
        seconds: FloatArray = durations / np.timedelta64(1, "s")
    except TypeError:
        raise BadValues(
            f"a column of {durations.dtype} is not numeric: months and years differ in length;"
            " give days or seconds"
        ) from None
    return seconds


def _array_of(values: object) -> AnyArray:
    if isinstance(values, np.ndarray):
        return values
    if on_device(values):
        return adopt(values)
    listed = list(cast("Iterable[object]", values))
    array = np.empty(len(listed), object)
    array[:] = listed
    return array


def _parse_objects(values: AnyArray) -> tuple[AnyArray, BoolArray]:
    floats = np.full(values.size, np.nan)
    wrong = np.zeros(values.size, np.bool_)
    for row, value in enumerate(values.tolist()):
        if isinstance(value, timedelta):
            floats[row] = value.total_seconds()
        elif isinstance(value, np.timedelta64):
            floats[row] = _seconds(np.array([value]))[0]
        elif isinstance(value, _NUMBERS):
            floats[row] = _float_of(value)
        else:
            wrong[row] = value is not None
    return floats, wrong


def _float_of(value: "float | np.integer[Any] | np.floating[Any] | np.bool_ | Decimal") -> float:
    try:
        return float(value)
    except OverflowError:
        # an integer beyond the largest float
        return float(np.inf) if value > 0 else float(-np.inf)
    except ValueError:
        # a decimal that is a signalling NaN
        return float(np.nan)


def as_float(values: AnyArray) -> AnyArray:
    """Return numbers as float32 or float64, themselves if they are; `BadValues` for others."""
    if values.dtype.kind not in "biuf":
        raise BadValues(f"a column of {values.dtype} is not numeric")
    if values.dtype in (np.float32, np.float64):
        return values
    return values.astype(np.float32 if values.dtype == np.float16 else np.float64)
