"""What the pages of a Parquet body say they open to; a footer may lie about it, and be believed.

Readers set aside the memory that a page's own header asks for. The headers are structs in
Thrift's compact protocol; only what a page header may hold is read here.
"""

import pyarrow.parquet as pq

MOST_PAGES = 50_000
DEEPEST = 4
TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY = range(1, 9)
STRUCT = 12
UNCOMPRESSED, COMPRESSED = 2, 3
"""Numbers of the fields that hold a page's sizes."""


WIDTHS = {TRUE: 0, FALSE: 0, BYTE: 1, DOUBLE: 8}


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
            end = start + column.total_compressed_size
            if not 0 <= start <= end <= len(body):
                raise ValueError("a column lies outside of the body")
            while start < end:
                opened, start = _page(body, start)
                total += opened
                pages += 1
                if pages > MOST_PAGES:
                    raise ValueError("there are too many pages")
    return total


def _page(body: bytes, at: int) -> tuple[int, int]:
    """Step over the page at a place: the size that it opens to, and its end."""
    sizes, at = _struct(body, at, 0)
    opened, packed = sizes.get(UNCOMPRESSED, -1), sizes.get(COMPRESSED, -1)
    if opened < 0 or packed < 0:
        raise ValueError("a page does not say its size")
    return opened, at + packed


def _struct(body: bytes, at: int, depth: int) -> tuple[dict[int, int], int]:
    """Step over a struct: its fields that are numbers, and its end."""
    if depth > DEEPEST:
        raise ValueError("a page header is nested too deep")
    found: dict[int, int] = {}
    field = 0
    while head := body[at]:
        at += 1
        step, kind = head >> 4, head & 15
        if step:
            field += step
        else:
            field, at = _zigzag(body, at)
        if kind in (I16, I32, I64):
            found[field], at = _zigzag(body, at)
        elif kind == STRUCT:
            _, at = _struct(body, at, depth + 1)
        elif kind == BINARY:
            width, at = _varint(body, at)
            at += width
        elif kind in WIDTHS:
            at += WIDTHS[kind]
        else:
            raise ValueError("a page header holds what none may hold")
    return found, at + 1


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number has too many bytes")


def _zigzag(body: bytes, at: int) -> tuple[int, int]:
    byte = body[at]
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), at + 1
    value, at = _varint(body, at)
    return (value >> 1) ^ -(value & 1), at
