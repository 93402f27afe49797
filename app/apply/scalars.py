"""Plain words of YAML, read by the core schema of YAML 1.2: ``on`` and ``2013-03`` are text.

The older rules, by which most libraries go, make a boolean of ``on`` and a number of ``12:30``.
"""

import math
import re

from app.apply.order import Stop

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUE = frozenset({"true", "True", "TRUE"})
FALSE = frozenset({"false", "False", "FALSE"})
INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
UNBOUNDED = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
MOST_DIGITS = 18

Scalar = str | int | float | bool | None


def resolved(text: str) -> Scalar:
    """Return what an unquoted word means.

    Raises
    ------
    Stop
        It is a number that JSON, and so the service, cannot hold.
    """
    if text in NULLS:
        return None
    if text in TRUE or text in FALSE:
        return text in TRUE
    if INTEGER.fullmatch(text) or BASED.fullmatch(text):
        return _integer(text)
    if FLOAT.fullmatch(text):
        return _finite(float(text))
    if UNBOUNDED.fullmatch(text):
        raise Stop("infinity and NaN cannot be declared")
    return text


def _integer(text: str) -> int:
    if len(text.lstrip("+-")) > MOST_DIGITS:
        raise Stop(f"an integer has more than {MOST_DIGITS} digits; quote it if it is text")
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text, base)


def _finite(number: float) -> float:
    if math.isinf(number):
        raise Stop("a number is too large for a float")
    return number
