"""Where a Parquet footer says that columns lie, read here.

pyarrow's own ``RowGroupMetaData.column`` ends the process at some footers that are damaged.
"""

from dataclasses import dataclass

from app.sources.formats._thrift import I64, STRUCT, Compact

MAGIC = b"PAR1"
TAIL = 8
"""Bytes behind a footer: its length and the magic bytes."""
LARGEST = 16_000_000
MOST_CHUNKS = 50_000
ROW_GROUPS = 4
COLUMNS = 1
COLUMN = 3
SIZE, DATA, DICTIONARY = 7, 9, 11
"""Numbers of the fields that hold row groups, columns in them, and where those lie."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The bytes of one column in one row group."""

    start: int
    end: int


def chunks_of(body: bytes) -> list[Chunk]:
    """Return where all columns of all row groups lie in a Parquet body.

    Raises
    ------
    ValueError, IndexError
        The footer cannot be read, or leads outside of the body.
    """
    size = int.from_bytes(body[-TAIL : -len(MAGIC)], "little")
    begin = len(body) - TAIL - size
    if body[-len(MAGIC) :] != MAGIC or begin < 0 or size > LARGEST:
        raise ValueError("there is no footer")
    footer = Compact(body[begin : begin + size])
    found: list[Chunk] = []
    for field, kind in footer.fields():
        if field != ROW_GROUPS:
            footer.skip(kind)
            continue
        for _ in footer.items(kind, STRUCT):
            _group(footer, found)
    if any(not 0 <= chunk.start <= chunk.end <= len(body) for chunk in found):
        raise ValueError("a column lies outside of the body")
    return found


def _group(footer: Compact, found: list[Chunk]) -> None:
    for field, kind in footer.fields():
        if field != COLUMNS:
            footer.skip(kind)
            continue
        columns = footer.items(kind, STRUCT)
        if len(found) + len(columns) > MOST_CHUNKS:
            raise ValueError("there are too many columns")
        found += [_chunk(footer) for _ in columns]


def _chunk(footer: Compact) -> Chunk:
    places: dict[int, int] = {}
    for field, kind in footer.fields():
        if field != COLUMN:
            footer.skip(kind)
        elif kind == STRUCT:
            places = _places(footer)
        else:
            raise ValueError("a column is not described as one")
    # zero stands for none: an empty group has no pages of data
    starts = (places.get(DICTIONARY, 0), places.get(DATA, 0))
    start = min((offset for offset in starts if offset), default=0)
    return Chunk(start, start + places.get(SIZE, 0))


def _places(footer: Compact) -> dict[int, int]:
    places: dict[int, int] = {}
    for field, kind in footer.fields():
        if field not in (SIZE, DATA, DICTIONARY):
            footer.skip(kind)
        elif kind == I64:
            places[field] = footer.number()
        else:
            raise ValueError("a place is not a number")
    return places
