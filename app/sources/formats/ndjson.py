"""Newline-delimited JSON: one object a line; blank lines are passed over."""

from app.domain.batch import Layout, Table
from app.domain.errors import Fault, Invalid, NoRows
from app.domain.rows.pointing import fault_at
from app.sources.formats._rows import from_rows, hold_rows
from app.sources.formats._spec import Format, Limits
from app.sources.formats._strict import measured, strict
from app.sources.formats._text import hold_names, hold_start
from app.sources.formats._typed import typed_lines
from app.sources.formats._uniform import uniform
from app.sources.formats.scan import odd_line


def decode(body: bytes, limits: Limits) -> Table:
    """Return the columns of JSON rows, one on each line; rows are counted without blank lines."""
    if not body or body.isspace():
        raise NoRows("the body is empty", (Fault("empty body"),))
    table = typed_lines(body, limits) or _slowly(body, limits)
    hold_rows(table.rows, limits)
    hold_names(table.columns, limits.name)
    return table


def _slowly(body: bytes, limits: Limits) -> Table:
    hold_start(body)
    odd = odd_line(body)
    if odd is not None:
        detail = "each line must hold one whole JSON object"
        raise Invalid(
            f"the body cannot be read: {detail}", (fault_at(Layout.ARRAY, detail, odd, None),)
        )
    array = b"[%b]" % b",".join(line for line in body.split(b"\n") if line.strip())
    found = measured(array, limits)
    table = uniform(array, found)
    if table is not None:
        return table
    document = strict(array, found, limits)
    return from_rows(document if isinstance(document, list) else [], Layout.ARRAY, limits)


FORMAT = Format(
    "ndjson", ("application/x-ndjson", "application/jsonl", "application/x-jsonlines"), decode
)
