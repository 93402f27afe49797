"""CSV, JSON and newline-delimited JSON files: cut into blocks of whole records, then decoded."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, NoRows, TooLarge
from app.sources.formats import Limits, decode, record_end

BLOCK = 32_000_000
ENDLESS = 1 << 60
LIMITS = Limits(
    body=ENDLESS,
    decoded=ENDLESS,
    ratio=ENDLESS,
    rows=ENDLESS,
    columns=100_000,
    values=ENDLESS,
    text=1_000_000,
    name=1_000_000,
    depth=32,
)
"""A file was put there by whoever asks, so that only what would hang a parser is refused."""
QUOTE, LINE = b'"', b"\n"


def json_tables(file: BinaryIO, limits: Limits = LIMITS) -> Iterator[Table]:
    """Yield a JSON document's rows, all of them at once: it cannot be cut without reading it."""
    yield decode(_all(file, limits.decoded), "application/json", limits)


def csv_tables(file: BinaryIO, block: int = BLOCK, limits: Limits = LIMITS) -> Iterator[Table]:
    """Yield a CSV file's rows in blocks of about `block` bytes, cut where a record ends."""
    header, rows = b"", 0
    for block_of_rows in _blocks(file, block, limits.decoded, quoted=True):
        part = block_of_rows
        if not header:
            end = record_end(part)
            header, part = part[:end], part[end:]
        # blank lines alone are no rows, wherever a block is cut
        if part and not part.isspace():
            table = _decoded(header + part, "text/csv", rows, limits)
            rows += table.rows
            yield table
    if not rows:
        # says whether the header or the rows after it are what is lacking
        _decoded(header, "text/csv", 0, limits)


def ndjson_tables(file: BinaryIO, block: int = BLOCK, limits: Limits = LIMITS) -> Iterator[Table]:
    """Yield the rows of a file that has a JSON object on each line."""
    rows = 0
    for part in _blocks(file, block, limits.decoded, quoted=False):
        if not part.isspace():
            table = _decoded(part, "application/x-ndjson", rows, limits)
            rows += table.rows
            yield table
    if not rows:
        raise NoRows("the file holds no rows", (Fault("no rows"),))


def _decoded(body: bytes, media_type: str, rows: int, limits: Limits) -> Table:
    """Decode one block; faults count rows from the start of the file."""
    try:
        return decode(body, media_type, limits)
    except Invalid as error:
        error.faults = tuple(
            fault if fault.row is None else replace(fault, row=fault.row + rows)
            for fault in error.faults
        )
        raise


def _blocks(file: BinaryIO, size: int, most: int, *, quoted: bool) -> Iterator[bytes]:
    """Yield blocks that end where a line does; with ``quoted``, one outside of quotes.

    A record that does not end within ``most`` bytes is refused before more of it is read.
    """
    kept, headed = b"", quoted
    while more := read_packed(file, size):
        kept += more
        # a quote inside of a header's field opens nothing
        start = record_end(kept) if headed else 0
        end = _last_line(kept, start, quoted=quoted)
        if end and len(kept) >= size:
            yield kept[:end]
            kept, headed = kept[end:], False
        if len(kept) > most:
            raise TooLarge(f"a record is longer than {most} bytes", (Fault("too many bytes"),))
    if kept:
        yield kept


def _last_line(block: bytes, start: int, *, quoted: bool) -> int:
    """Return where the last whole record behind ``start`` ends, 0 if there is none."""
    at = block.rfind(LINE, start)
    quotes = block.count(QUOTE, start, at + 1) if quoted else 0
    while at >= 0 and quotes % 2:
        before = block.rfind(LINE, start, at)
        quotes -= block.count(QUOTE, max(start, before + 1), at + 1)
        at = before
    return at + 1


def _all(file: BinaryIO, most: int) -> bytes:
    body = bytearray()
    while more := read_packed(file, BLOCK):
        body += more
        if len(body) > most:
            raise TooLarge(f"the file opens to more than {most} bytes", (Fault("too many bytes"),))
    return bytes(body)


def read_packed(file: BinaryIO, size: int) -> bytes:
    """Read from a file that may be compressed; damage to its compression is the file's fault."""
    try:
        return file.read(size)
    except OSError as error:
        if error.errno is not None:
            raise
        raise Invalid("its compression is damaged or cut short", (Fault("damaged"),)) from error
