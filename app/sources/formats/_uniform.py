"""The fast way for JSON rows that all have the same names: no dictionary is made for a row."""

import re
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from app.domain.batch import Layout, RawColumn, Table
from app.sources.formats.scan import Scan, commas_of

WORTHWHILE = 100_000
"""Bytes from which on a type for the rows is made; it costs as much as some hundred rows."""
FIRST_ROW = re.compile(rb'[ \t\r\n]*(\{[ \t\r\n]*"rows"[ \t\r\n]*:[ \t\r\n]*)?\[[ \t\r\n]*\{')
ROW_AT_MOST = 262_144
TYPES_KEPT = 64


def uniform(body: bytes, found: Scan) -> Table | None:
    """Return the columns of JSON rows, or None where the slow way has to look at them.

    Every row must have the first row's names, each once, and plain values: only then are there
    as many colons as rows times names. Whatever is wrong with a body is for the slow way to say.
    """
    start = FIRST_ROW.match(body) if len(body) >= WORTHWHILE else None
    names = _names(body[start.end() - 1 :][:ROW_AT_MOST]) if start else ()
    if start is None or len(names) < 2:
        return None
    layout = Layout.ROWS if start[1] else Layout.ARRAY
    try:
        decoder = _decoder(names, layout)
        document = decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    rows = document.rows if layout is Layout.ROWS else document
    if found.colons != len(rows) * len(names) + (layout is Layout.ROWS):
        return None
    values = attrgetter(*_fields(len(names)))
    parts = zip(*map(values, rows), strict=True)
    columns: dict[str, RawColumn] = {n: list(c) for n, c in zip(names, parts, strict=True)}
    return Table(columns, len(rows), layout=layout)


def _names(span: bytes) -> tuple[str, ...]:
    end = commas_of(span)[-1]
    try:
        row = msgspec.json.decode(span[: end + 1])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    return tuple(row) if isinstance(row, dict) else ()


def _fields(number: int) -> list[str]:
    return [f"f{i}" for i in range(number)]


@lru_cache(TYPES_KEPT)
def _decoder(names: tuple[str, ...], layout: Layout) -> msgspec.json.Decoder[Any]:
    """Make a decoder that refuses rows with other names; `ValueError` for some odd names."""
    fields = _fields(len(names))
    row = msgspec.defstruct(
        "Row",
        [(field, Any) for field in fields],
        rename=dict(zip(fields, names, strict=True)),
        forbid_unknown_fields=True,
        gc=False,
    )
    rows = list[row]  # type: ignore[valid-type]
    if layout is Layout.ARRAY:
        return msgspec.json.Decoder(rows)
    body = msgspec.defstruct("Body", [("rows", rows)], forbid_unknown_fields=True)
    return msgspec.json.Decoder(body)
