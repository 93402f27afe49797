"""Bodies of requests to models, and of their answers, that a log keeps as text: rows of them."""

import csv
import io
import re
from collections.abc import Sequence
from typing import TypeAlias

from app.sources.formats import Limits, strict_json

Row: TypeAlias = dict[str, object]
NUMBER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
WRAPPERS = ("instances", "predictions", "inputs", "outputs", "rows")
"""Members that hold all rows of a body."""
ROW_WRAPPERS = ("features", "values")
"""Members that hold one row's values by position."""
LIMITS = Limits(decoded=64_000_000, text=1_000_000, depth=6)
LINES = frozenset({"application/jsonlines", "application/jsonl", "application/x-ndjson"})
LONGEST, DIGITS = 8_192, 308


def rows_of_body(
    body: bytes, kind: str, names: Sequence[str], stem: str, rows: int = 0
) -> list[Row]:
    """Return the rows of a body.

    Parameters
    ----------
    body
        Text in UTF-8.
    kind
        Its media type, without parameters.
    names
        Of values that are known by position only.
    stem
        What they are named after where there are no names.
    rows
        How many rows were asked: so many values in a row of their own answer one row each.

    Raises
    ------
    ValueError, LeewayError
        It is of a kind that is not read here, or not of the kind that it says.
    """
    if kind == "text/csv":
        items: list[object] = list(_csv(body))
    elif kind in LINES:
        items = [strict_json(line, LIMITS) for line in body.splitlines() if line.strip()]
    elif kind == "application/json" or kind.endswith("+json"):
        items = _unwrapped(strict_json(body, LIMITS))
    else:
        raise ValueError("its content type is none of text/csv, application/json and jsonlines")
    if rows > 1 and len(items) == 1 and isinstance(items[0], list) and len(items[0]) == rows:
        items = items[0]
    return [_held(_row(item, names, stem)) for item in items]


def _csv(body: bytes) -> list[list[object]]:
    try:
        records = list(csv.reader(io.StringIO(body.decode(), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except csv.Error as error:
        raise ValueError("it is not CSV") from error
    return [[_value(field) for field in record] for record in records if record]


def _value(field: str) -> object:
    """Return what a field of CSV stands for: a code such as 007 is text, and nothing is missing."""
    if not field:
        return None
    if len(field) <= DIGITS and NUMBER.fullmatch(field):
        number = float(field) if "." in field or "e" in field.lower() else int(field)
        return number if abs(number) < float("inf") else field
    return field


def _unwrapped(document: object) -> list[object]:
    if isinstance(document, dict):
        for name in WRAPPERS:
            if isinstance(document.get(name), list):
                return list(document[name])
        return [document]
    # a list of plain values is one row, and not a row for each
    if isinstance(document, list) and any(isinstance(item, list | dict) for item in document):
        return document
    return [document]


def _row(item: object, names: Sequence[str], stem: str) -> Row:
    if isinstance(item, dict):
        held = next((item[name] for name in ROW_WRAPPERS if isinstance(item.get(name), list)), None)
        if held is None:
            return item
        item = held
    values = item if isinstance(item, list) else [item]
    if not names or (len(names) == 1 and len(values) > 1 and names[0] == stem):
        names = [f"{stem}_{place}" for place in range(len(values))]
    if len(values) != len(names):
        raise ValueError(f"it has {len(values)} values where {len(names)} have names")
    return dict(zip(names, values, strict=True))


def _held(row: Row) -> Row:
    for value in row.values():
        if isinstance(value, str) and (len(value.encode()) > LONGEST or "\0" in value):
            raise ValueError(f"a text is longer than {LONGEST} bytes, or holds NUL")
    return row
