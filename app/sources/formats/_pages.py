"""What the pages of a Parquet body say they open to; a footer may lie about it, and be believed.

Readers set aside the memory that a page's own header asks for.
"""

from collections.abc import Iterable

from app.sources.formats._footer import Chunk
from app.sources.formats._thrift import I32, Compact

MOST_PAGES = 50_000
UNCOMPRESSED, COMPRESSED = 2, 3
"""Numbers of the fields that hold a page's sizes."""


def opened_size(body: bytes, chunks: Iterable[Chunk]) -> int:
    """Return the bytes that all pages of a body open to, as they themselves say.

    Raises
    ------
    ValueError, IndexError
        A page header cannot be read, or there are too many pages.
    """
    total = pages = 0
    for chunk in chunks:
        start = chunk.start
        while start < chunk.end:
            opened, start = _page(body, start)
            total += opened
            pages += 1
            if pages > MOST_PAGES:
                raise ValueError("there are too many pages")
    return total


def _page(body: bytes, at: int) -> tuple[int, int]:
    """Step over the page at a place: the size that it opens to, and its end."""
    header = Compact(body, at)
    opened = packed = -1
    for field, kind in header.fields():
        if kind != I32 or field not in (UNCOMPRESSED, COMPRESSED):
            header.skip(kind)
        elif field == UNCOMPRESSED:
            opened = header.number()
        else:
            packed = header.number()
    if opened < 0 or packed < 0:
        raise ValueError("a page does not say its size")
    return opened, header.at + packed
