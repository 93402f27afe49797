"""One call from two tables' columns to a verdict on each, for when there is no more to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from drift_core.errors import BadValues
from drift_core.grids.counts import Counts
from drift_core.judging.judge import judge
from drift_core.judging.policy import Policy
from drift_core.judging.verdict import WindowVerdict
from drift_core.references.reference import reference as learn
from drift_core.types import AnyArray, Kind

_DEFAULT = Policy()
_NUMBERS = (int, float, np.integer, np.floating)
_LEVELS = (str, bool, np.bool_, *_NUMBERS)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What two tables' columns say, held against each other.

    Attributes
    ----------
    verdict
        Of all columns together; ``verdict.features`` has each one's.
    reference, current
        Counts by column, two a grid: what statistics and bins are computed from.
    skipped
        Columns that took no part, and why.
    """

    verdict: WindowVerdict
    reference: Mapping[str, Counts]
    current: Mapping[str, Counts]
    skipped: Mapping[str, str]


def compare(
    reference: Mapping[str, object],
    current: Mapping[str, object],
    policy: Policy = _DEFAULT,
    *,
    kinds: Mapping[str, Kind] | None = None,
    key: bytes = b"leeway",
) -> Comparison:
    """Compare two tables column by column, and judge them together.

    Numbers are numeric columns; text, booleans and anything that mixes them are categorical.
    Columns of one table alone, those without a value, and those of other types (times, lists)
    are skipped.

    Parameters
    ----------
    reference, current
        Columns by name, each of shape (rows,): arrays, masked arrays, lists in which ``None`` is
        missing, or whatever numpy takes for an array, such as the series of a frame.
    policy
        How sure and how large a change must be.
    kinds
        Kinds of columns that are not to be inferred, such as numbers that name something.
    key
        Keys which rows of a categorical reference choose its levels, see `pilot_rows`.

    Raises
    ------
    BadValues
        A column has more than one axis.
    """
    skipped = {name: "only in the current columns" for name in current if name not in reference}
    ref: dict[str, Counts] = {}
    cur: dict[str, Counts] = {}
    for name, given in reference.items():
        if name not in current:
            skipped[name] = "only in the reference"
            continue
        values = _array(given, name)
        kind = (kinds or {}).get(name) or _kind(values)
        if kind is None:
            skipped[name] = f"values of type {values.dtype} without a number or text among them"
            continue
        grid, ref[name] = learn(values, kind, key=key)
        cur[name] = grid.count(_array(current[name], name))
    return Comparison(judge(ref, cur, policy), ref, cur, skipped)


def _array(values: object, name: str) -> AnyArray:
    if isinstance(values, np.ma.MaskedArray):
        # a plain view of it would bring back what the mask hides
        numbers = values.dtype.kind in "iuf"
        bare: AnyArray = values.data.astype(np.float64 if numbers else object)
        bare[np.ma.getmaskarray(values)] = np.nan if numbers else None
        values = bare
    # numpy would turn the numbers of a mixed list into text, and its None as well
    found: AnyArray = (
        np.array(values, object) if isinstance(values, list | tuple) else np.asarray(values)
    )
    if found.ndim != 1:
        raise BadValues(f"the column {name!r} has one axis, not the shape {found.shape}")
    return found


def _kind(values: AnyArray) -> Kind | None:
    if values.dtype.kind in "iuf":
        return "numeric" if not np.isnan(values).all() else None
    if values.dtype.kind in "bUS":
        return "categorical"
    if values.dtype.kind != "O":
        return None
    types = {type(value) for value in values if value is not None}
    if types and all(issubclass(one, _NUMBERS) and one is not bool for one in types):
        return "numeric"
    return "categorical" if any(issubclass(one, _LEVELS) for one in types) else None
