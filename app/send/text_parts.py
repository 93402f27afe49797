"""CSV, NDJSON and JSON files in parts of so many rows, their bytes left as they are."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from app.send.order import Stop
from app.send.part import Part

CSV, NDJSON, JSON = "text/csv", "application/x-ndjson", "application/json"
QUOTE = b'"'


def csv_parts(file: BinaryIO, rows: int) -> Iterator[Part]:
    """Yield parts that each begin with the file's header; records may hold line ends in quotes."""
    records = _records(file)
    header = next(records, (b"", 0))[0]
    yield from _gathered(records, rows, CSV, header if header.endswith(b"\n") else header + b"\n")


def ndjson_parts(file: BinaryIO, rows: int) -> Iterator[Part]:
    """Yield parts of whole lines; empty ones are left out."""
    lines = ((line, number) for number, line in enumerate(file, 1) if line.strip())
    yield from _gathered(lines, rows, NDJSON, b"")


def json_parts(file: BinaryIO, rows: int) -> Iterator[Part]:
    """Yield parts of a document, which is read whole: it cannot be cut without reading it.

    Raises
    ------
    Stop
        It is neither a list of rows nor an object of rows or columns.
    """
    document = file.read()
    try:
        if document.lstrip()[:1] == b"[":
            listed = msgspec.json.decode(document, type=list[msgspec.Raw])
            yield from _as_it_is(document, len(listed), rows) or _row_parts(listed, rows)
            return
        members = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
        if members.keys() == {"rows"}:
            listed = msgspec.json.decode(members["rows"], type=list[msgspec.Raw])
            yield from _as_it_is(document, len(listed), rows) or _row_parts(listed, rows)
        elif members.keys() == {"columns"}:
            kind = dict[str, list[msgspec.Raw]]
            columns = msgspec.json.decode(members["columns"], type=kind)
            height = _height(columns)
            yield from _as_it_is(document, height, rows) or _column_parts(columns, height, rows)
        else:
            raise Stop('a JSON file holds a list of rows, {"rows": [...]} or {"columns": {...}}')
    except (msgspec.DecodeError, RecursionError) as error:
        raise Stop(f"it is not sound JSON: {error}") from None


def _as_it_is(document: bytes, height: int, rows: int) -> list[Part]:
    """Return a document that is one part, to the byte; nothing where it has to be cut."""
    return [Part(0, 0, height, document, JSON)] if 0 < height <= rows else []


def _records(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each record with the number of its first line; a quoted field may hold line ends."""
    kept: list[bytes] = []
    quotes = 0
    for number, line in enumerate(file, 1):
        quotes += line.count(QUOTE)
        kept.append(line)
        if quotes % 2 == 0:
            record = b"".join(kept)
            if record.strip():
                yield record, number - len(kept) + 1
            kept, quotes = [], 0
    if kept:
        yield b"".join(kept), -1


def _gathered(
    records: Iterator[tuple[bytes, int]], rows: int, media_type: str, header: bytes
) -> Iterator[Part]:
    number = first = 0
    kept: list[bytes] = []
    lines: list[int] = []
    for record, line in records:
        kept.append(record)
        lines.append(line)
        if len(kept) == rows:
            yield _part(number, first, kept, lines, media_type, header)
            number, first, kept, lines = number + 1, first + rows, [], []
    if kept:
        yield _part(number, first, kept, lines, media_type, header)


def _part(
    number: int, first: int, kept: list[bytes], lines: list[int], media_type: str, header: bytes
) -> Part:
    # a line can be told from a row only where each row is one line
    even = lines[-1] - lines[0] == len(lines) - 1
    body = header + b"".join(kept)
    return Part(number, first, len(kept), body, media_type, lines[0] if even else None)


def _row_parts(listed: list[msgspec.Raw], rows: int) -> Iterator[Part]:
    for number, first in enumerate(range(0, len(listed), rows)):
        chosen = listed[first : first + rows]
        body = b"[" + b",".join(map(bytes, chosen)) + b"]"
        yield Part(number, first, len(chosen), body, JSON)


def _height(columns: Mapping[str, list[msgspec.Raw]]) -> int:
    heights = {len(column) for column in columns.values()}
    if len(heights) > 1:
        raise Stop("its columns are of different length")
    return heights.pop() if heights else 0


def _column_parts(
    columns: Mapping[str, list[msgspec.Raw]], height: int, rows: int
) -> Iterator[Part]:
    for number, first in enumerate(range(0, height, rows)):
        chosen = {name: column[first : first + rows] for name, column in columns.items()}
        body = msgspec.json.encode({"columns": chosen})
        yield Part(number, first, min(rows, height - first), body, JSON)
