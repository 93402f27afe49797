"""CSV with a header and commas (RFC 4180), UTF-8; every column is text, an empty field missing."""

import csv
import io
from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from app.domain.batch import Layout, Table
from app.domain.errors import Fault, Invalid, NoRows, TooLarge
from app.domain.rows.decimals import FIVES, TENS
from app.domain.rows.flat import Columns
from app.domain.rows.pointing import fault_at
from app.sources.formats._cells import FARTHEST
from app.sources.formats._census import census
from app.sources.formats._misread import JSON_HINT, looks_like_json
from app.sources.formats._records import read_records
from app.sources.formats._spec import MEGABYTE, Format, Limits
from app.sources.formats._spelled import Spelled
from app.sources.formats._text import (
    BYTE_ORDER_MARK,
    NOT_UTF8,
    hold_names,
    hold_text,
    is_utf8,
    record_end,
    undecodable,
)

MOST_RAGGED = 1_000
FIRST_ROW = 2
"""The number that the parser gives to the record after the header."""


def decode(body: bytes, limits: Limits) -> Table:
    """Return the columns of a CSV body as text; the schema says later which are numbers."""
    body = body.removeprefix(BYTE_ORDER_MARK)
    _hold_limits(body, limits)
    names = _header(body, limits)
    if not (body.isascii() or is_utf8(body)):
        raise _undecodable(body, names)
    table = _typed(body, names, limits)
    if table is not None:
        return table
    # the parser does not take a header alone
    columns = _read(body, names) if b"\n" in body or b"\r" in body else None
    if columns is None or columns.num_rows == 0:
        raise _headed(body)
    rows = columns.num_rows
    if rows > limits.rows:
        raise TooLarge(f"the body holds more than {limits.rows} rows", (Fault("too many rows"),))
    for name, column in zip(names, columns.columns, strict=True):
        hold_text(column, name, limits.text)
    series = (pl.Series(name, columns.column(i)) for i, name in enumerate(names))
    return Table({each.name: each for each in series}, rows, untyped=True)


def _headed(body: bytes) -> Invalid:
    """Return what is said of a header alone; JSON on one line is no header."""
    detail = "the body holds no rows after its header"
    fault = (Fault("no rows"),)
    json = looks_like_json(body)
    return Invalid(detail + JSON_HINT, fault) if json else NoRows(detail, fault)


def _typed(body: bytes, names: list[str], limits: Limits) -> Table | None:
    """Return the columns where all records are plain; None where the parser has to look."""
    height = min(census(body, b"\n")[0] + 1, limits.rows + 1)
    start = record_end(body)
    plain = b"\0" not in body and len(body) < FARTHEST
    if not plain or start == len(body) or height * len(names) > 2 * limits.values:
        return None
    words = np.empty((len(names), height), np.uint64)
    kinds = np.zeros((len(names), height), np.uint8)
    numbers = np.empty((len(names), height))
    memory = np.frombuffer(body, np.uint8)
    rows = int(read_records(memory, start, limits.text, FIVES, TENS, words, kinds, numbers))
    if not 0 < rows <= limits.rows:
        return None
    cells = (words[:, :rows], kinds[:, :rows], numbers[:, :rows])
    columns = {name: Spelled(body, *found) for name, *found in zip(names, *cells, strict=True)}
    return Table(Columns(columns), rows, untyped=True)


def _hold_limits(body: bytes, limits: Limits) -> None:
    if not body or body.isspace():
        raise NoRows("the body is empty", (Fault("empty body"),))
    quotes, commas, lines = census(body, b'",\n')
    if quotes % 2:
        raise Invalid("the body cannot be read: a quote is not closed", (Fault("open quote"),))
    if commas + lines > limits.values:
        raise TooLarge(
            f"the body holds more than {limits.values} values; split it, or send Parquet",
            (Fault("too many values"),),
        )


def _header(body: bytes, limits: Limits) -> list[str]:
    """Return the column names; the first record is always the header."""
    start = _start(body).decode(errors="surrogateescape")
    try:
        names = next(csv.reader(io.StringIO(start, newline="")))
    except csv.Error:
        names = []
    if not names or not all(map(_is_text, names)):
        raise Invalid("the header cannot be read", (Fault("the header must be UTF-8 text"),))
    if len(names) > limits.columns:
        raise TooLarge(
            f"the header has more than {limits.columns} columns", (Fault("too many columns"),)
        )
    _hold_names(names, limits)
    return names


def _start(body: bytes) -> bytes:
    """Return at least the header: one line, unless quotes may hold its end."""
    line = body[: body.find(b"\n", 0, 2 * MEGABYTE) + 1]
    return line if line and b'"' not in line else body[: 2 * MEGABYTE]


def _is_text(name: str) -> bool:
    # what was not UTF-8 was decoded to lone surrogates
    return "\0" not in name and not any("\ud800" <= mark <= "\udfff" for mark in name)


def _hold_names(names: list[str], limits: Limits) -> None:
    hold_names(names, limits.name)
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        faults = tuple(Fault("the header names this column twice", field=n) for n in doubles)
        raise Invalid("the header names a column twice", faults)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise Invalid(
            "the header has no comma, but another separator; only commas are read",
            (Fault("the separator must be a comma"),),
        )


def _read(body: bytes, names: list[str]) -> pa.Table:
    """Return the records after the header, which must be UTF-8: the handler below is given text."""
    ragged: list[arrow_csv.InvalidRow] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip" if len(ragged) < MOST_RAGGED else "error"

    try:
        table = _parse(body, names, pa.string(), keep)
    except pa.ArrowInvalid:
        # the parser's own words repeat the row
        if not ragged:
            raise Invalid("the body cannot be read as CSV", (Fault("not CSV"),)) from None
    if ragged:
        raise _ragged(ragged)
    return table


def _parse(
    body: bytes,
    names: list[str],
    kind: pa.DataType,
    handler: Callable[[arrow_csv.InvalidRow], str] | None = None,
) -> pa.Table:
    places = [str(i) for i in range(len(names))]
    return arrow_csv.read_csv(
        pa.BufferReader(body),
        # one block: rows are then numbered through, and no record is cut in two
        read_options=arrow_csv.ReadOptions(
            use_threads=False,
            block_size=len(body) + 1,
            column_names=places,
            skip_rows_after_names=1,
        ),
        parse_options=arrow_csv.ParseOptions(
            newlines_in_values=True,
            invalid_row_handler=handler,
            ignore_empty_lines=len(names) != 1,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(places, kind),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _ragged(rows: list[arrow_csv.InvalidRow]) -> Invalid:
    faults = tuple(
        fault_at(
            Layout.ROWS,
            f"the header has {row.expected_columns} columns, this row {row.actual_columns}",
            None if row.number is None else row.number - FIRST_ROW,
            None,
        )
        for row in rows
    )
    return Invalid("rows differ from the header in length", faults)


def _undecodable(body: bytes, names: list[str]) -> Invalid:
    """Return what is not UTF-8: the first such value of each column."""
    try:
        columns = _parse(body, names, pa.binary()).columns
    except pa.ArrowInvalid:
        columns = []  # not even a table
    found = [undecodable(column, name) for name, column in zip(names, columns, strict=False)]
    faults = tuple(fault for fault in found if fault is not None)
    return Invalid(f"the body cannot be read: {NOT_UTF8}", faults or (Fault(NOT_UTF8),))


FORMAT = Format("csv", ("text/csv",), decode)
