"""How a value of a categorical column is spelled as a level."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from drift_core.errors import BadValues

_INTEGRAL_TEXT = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0+")


_LEVELS = (str, bool, int, float, np.bool_, np.integer, np.floating)


def canonical_level(value: object) -> str:
    """Spell one value as a level's text.

    ``1``, ``1.0``, ``"1"`` and ``"1.0"`` are one level, since producers disagree about
    integers; ``"007"`` stays as it is; booleans are ``true`` and ``false``. Other types are
    refused with `BadValues`.
    """
    if isinstance(value, str):
        match = _INTEGRAL_TEXT.fullmatch(value)
        return match[1] if match else str(value)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _spell_float(value)
    raise BadValues(f"a {type(value).__name__} is not a level: text, numbers and booleans are")


def is_canonical(text: str) -> bool:
    """Say whether a text is spelled as `canonical_level` would."""
    # few texts end so, and a search for a pattern takes its time
    return not text.endswith("0") or not _INTEGRAL_TEXT.fullmatch(text)


class LevelCounts(NamedTuple):
    """How often each level occurs, and how many values are none."""

    levels: Counter[str]
    missing: int
    invalid: int


def level_counts(values: Iterable[object]) -> LevelCounts:
    """Count values by level, spelling each distinct value once."""
    rows = list(values)
    # the type is part of the key, since 1 == True; NaN never equals itself, and need not
    try:
        distinct = Counter(zip(map(type, rows), rows, strict=True))
    except TypeError:
        # lists and mappings have no hash: they are invalid, whatever they hold
        distinct = Counter((type(row), _hashable(row)) for row in rows)
    levels: Counter[str] = Counter()
    missing = invalid = 0
    for (_, value), count in distinct.items():
        if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
            missing += count
        elif isinstance(value, _LEVELS):
            levels[canonical_level(value)] += count
        else:
            invalid += count
    return LevelCounts(levels, missing, invalid)


def _hashable(value: object) -> object:
    return value if value is None or isinstance(value, _LEVELS) else type(value)


def _spell_float(value: "float | np.floating[Any]") -> str:
    number = float(value)
    if math.isfinite(number) and number.is_integer():
        return str(int(number))
    # a narrow float spells itself shortest: 0.1 as float32 is "0.1", not 0.10000000149011612
    return str(value) if isinstance(value, np.floating) else repr(number)
