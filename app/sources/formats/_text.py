"""What every text and name must keep, whatever the format: UTF-8, no NUL, and not too long."""

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc

from app.domain.batch import Layout
from app.domain.errors import Fault, Invalid, TooLarge
from app.domain.rows.pointing import fault_at
from app.sources.formats._spec import MEGABYTE

BYTE_ORDER_MARK = codecs.BOM_UTF8
NOT_UTF8 = "text must be UTF-8"
SHOWN = 64
"""Characters of a name that is too long, by which it can be recognised."""
LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def hold_start(body: bytes) -> None:
    """Refuse JSON behind a byte-order mark, which parsers disagree about.

    Raises
    ------
    Invalid
        Says so: nobody sees the mark.
    """
    if body.startswith(BYTE_ORDER_MARK):
        detail = "the body begins with a byte-order mark; send JSON as UTF-8 without one"
        raise Invalid(detail, (Fault("a byte-order mark"),))


def hold_names(names: Collection[str], longest: int) -> None:
    """Refuse column names that no database keeps or indexes.

    Raises
    ------
    TooLarge, Invalid
        Names the column.
    """
    # most are short, and looked at all at once: a character has at most four bytes
    together = "".join(names)
    if 4 * len(together) <= longest and "\0" not in together:
        return
    for name in names:
        # characters first: most names are short, and bytes are at most four times as many
        if 4 * len(name) > longest and len(name.encode()) > longest:
            detail = f"a column name is longer than {longest} bytes"
            raise TooLarge(detail, (Fault("name too long", field=name[:SHOWN]),))
        if "\0" in name:
            detail = "a column name must not hold NUL"
            fault = Fault(detail, field=name.replace("\0", "\N{SYMBOL FOR NULL}"))
            raise Invalid(f"the body cannot be read: {detail}", (fault,))


def hold_text(column: pa.ChunkedArray, name: str, longest: int) -> None:
    """Refuse a column of text that holds NUL or too long a text; names the first such row.

    Raises
    ------
    TooLarge, Invalid
        Names row and field.
    """
    lengths = pc.binary_length(column)
    if (pc.max(lengths).as_py() or 0) > longest:
        row = pc.index(pc.greater(lengths, longest), True).as_py()
        detail = f"a text is longer than {longest} bytes"
        raise TooLarge(detail, (fault_at(Layout.ROWS, detail, row, name),))
    nul = pc.match_substring(column, "\0")
    if pc.any(nul).as_py():
        row = pc.index(nul, True).as_py()
        detail = "text must not hold NUL"
        raise Invalid(
            f"the body cannot be read: {detail}", (fault_at(Layout.ROWS, detail, row, name),)
        )


def undecodable(column: pa.ChunkedArray, name: str) -> Fault | None:
    """Return a fault on the first value of a column of bytes that is not UTF-8, if any is."""
    for row, value in enumerate(column.to_pylist()):
        if value is not None and not is_utf8(value):
            return fault_at(Layout.ROWS, NOT_UTF8, row, name)
    return None


def record_end(body: bytes) -> int:
    """Return what follows the first record of CSV, as whoever reads its fields sees it."""
    ends = [0]

    def lines() -> Iterator[str]:
        for line in LINE.finditer(body):
            ends.append(line.end())
            yield line[0].decode(errors="surrogateescape")

    # where nobody can read it, this is as far as it was looked at
    with suppress(csv.Error):
        next(csv.reader(lines()), None)
    return ends[-1]


def is_utf8(text: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # in pieces, since the text itself is not wanted
        for at in range(0, len(text), MEGABYTE):
            decoder.decode(text[at : at + MEGABYTE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
