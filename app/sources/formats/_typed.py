"""The fast way for JSON rows: bytes to typed columns in one pass, or nothing.

What is odd in any way (nested values, other names than the first row's, names that stand twice,
whatever is no JSON) is left to the slow way, which says what is wrong, if it is.
"""

import re

import msgspec
import numpy as np

from app.domain.batch import Layout, Table
from app.domain.rows.decimals import FIVES, TENS
from app.domain.rows.flat import Columns
from app.sources.formats._cells import FARTHEST, Refused, column_of
from app.sources.formats._census import census
from app.sources.formats._members import read_rows
from app.sources.formats._spec import Limits
from app.sources.formats._text import is_utf8
from app.sources.formats.scan import commas_of

WORTHWHILE = 16_000
"""Bytes below which Python's values are made and counted as fast: some thirty rows."""
FIRST_ROW = re.compile(rb'[ \t\r\n]*(\{[ \t\r\n]*"rows"[ \t\r\n]*:[ \t\r\n]*)?\[[ \t\r\n]*(?=\{)')
REST = re.compile(rb"[ \t\r\n]*")
REST_OF_OBJECT = re.compile(rb"[ \t\r\n]*\}[ \t\r\n]*")
ROW_AT_MOST = 262_144
DEEPEST = 3


def typed_rows(body: bytes, limits: Limits) -> Table | None:
    """Return the columns of JSON rows in an array, or None where the slow way has to look."""
    start = FIRST_ROW.match(body) if WORTHWHILE <= len(body) < FARTHEST else None
    if start is None:
        return None
    layout = Layout.ROWS if start[1] else Layout.ARRAY
    rest = REST_OF_OBJECT if start[1] else REST
    return _table(body, start.end(), layout, rest, limits)


def typed_lines(body: bytes, limits: Limits) -> Table | None:
    """Return the columns of JSON rows, one on each line, or None as above."""
    start = body.find(b"{") if WORTHWHILE <= len(body) < FARTHEST else -1
    if start < 0 or body[:start].strip(b" \t\r\n"):
        return None
    return _table(body, start, None, REST, limits)


def _table(
    body: bytes, start: int, layout: Layout | None, rest: "re.Pattern[bytes]", limits: Limits
) -> Table | None:
    names = _names(body[start : start + ROW_AT_MOST])
    height = min(census(body, b"{")[0], limits.rows + 1)
    if not 0 < len(names) <= limits.columns or 2 * height * len(names) > limits.values:
        return None
    if limits.depth < DEEPEST or not (body.isascii() or is_utf8(body)):
        return None
    written = [name + b'"' for name in names]
    places = np.cumsum([0, *map(len, written)], dtype=np.int64)
    words = np.empty((len(names), height), np.uint64)
    kinds = np.zeros((len(names), height), np.uint8)
    rows, end = read_rows(
        np.frombuffer(body, np.uint8), start, np.frombuffer(b"".join(written), np.uint8), places,
        layout is not None, limits.text, FIVES, TENS, words, kinds,
    )  # fmt: skip
    if rows <= 0 or rest.fullmatch(body, int(end)) is None:
        return None
    try:
        columns = {
            name.decode(): column_of(body, words[place, :rows], kinds[place, :rows])
            for place, name in enumerate(names)
        }
    except Refused:
        return None
    return Table(Columns(columns), int(rows), layout=layout or Layout.ARRAY)


def _names(span: bytes) -> list[bytes]:
    """Return the first row's names as they are written; none where they are not plain."""
    row = span[: commas_of(span)[-1] + 1]
    try:
        document = msgspec.json.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    names = [name.encode() for name in document] if isinstance(document, dict) else []
    together = b"".join(names)
    if b'"' in together or b"\\" in together or min(together, default=32) < 32:
        return []
    return names
