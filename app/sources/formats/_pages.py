"""What the pages of a Parquet body say they open to; a footer may lie about it, and be believed.

Readers set aside the memory that a page's own header asks for. The headers are structs in
Thrift's compact protocol; only what a page header may hold is read here.
"""

from dataclasses import dataclass

import pyarrow.parquet as pq

MOST_PAGES = 50_000
DEEPEST = 4
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY = range(1, 9)
STRUCT = 12
UNCOMPRESSED, COMPRESSED = 2, 3
"""Numbers of the fields that hold a page's sizes."""


@dataclass(slots=True)
class _Cursor:
    body: bytes
    at: int

    def byte(self) -> int:
        self.at += 1
        return self.body[self.at - 1]

    def varint(self) -> int:
        value = shift = 0
        while shift < 64:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise ValueError("a number has too many bytes")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)


def opened_size(body: bytes, footer: pq.FileMetaData) -> int:
    """Return the bytes that all pages of a body open to, as they themselves say.

    Raises
    ------
    ValueError, IndexError
        A page header cannot be read, or there are too many pages.
    """
    total = pages = 0
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            starts = (column.dictionary_page_offset, column.data_page_offset)
            # zero stands for none: an empty group has no pages of data
            start = min((offset for offset in starts if offset), default=0)
            cursor = _Cursor(body, start)
            end = start + column.total_compressed_size
            if not 0 <= start <= end <= len(body):
                raise ValueError("a column lies outside of the body")
            while cursor.at < end:
                total += _page(cursor)
                pages += 1
                if pages > MOST_PAGES:
                    raise ValueError("there are too many pages")
    return total


def _page(cursor: _Cursor) -> int:
    """Step over one page, and return the size that it opens to."""
    sizes = _struct(cursor, 0)
    opened, packed = sizes.get(UNCOMPRESSED, -1), sizes.get(COMPRESSED, -1)
    if opened < 0 or packed < 0:
        raise ValueError("a page does not say its size")
    cursor.at += packed
    return opened


def _struct(cursor: _Cursor, depth: int) -> dict[int, int]:
    """Step over a struct, and return its fields that are numbers."""
    if depth > DEEPEST:
        raise ValueError("a page header is nested too deep")
    found: dict[int, int] = {}
    field = 0
    while head := cursor.byte():
        step, kind = divmod(head, 16)
        field = field + step if step else cursor.zigzag()
        if kind in (I16, I32, I64):
            found[field] = cursor.zigzag()
        elif kind == STRUCT:
            _struct(cursor, depth + 1)
        else:
            _step_over(cursor, kind)
    return found


def _step_over(cursor: _Cursor, kind: int) -> None:
    widths = {TRUE: 0, FALSE: 0, BYTE: 1, DOUBLE: 8}
    if kind == BINARY:
        width = cursor.varint()
    elif kind in widths:
        width = widths[kind]
    else:
        raise ValueError("a page header holds what none may hold")
    cursor.at += width
