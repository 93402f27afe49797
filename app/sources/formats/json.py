"""JSON rows and columns: ``[{...}]``, ``{"rows": [{...}]}`` or ``{"columns": {"a": [...]}}``."""

from app.domain.batch import Layout, Table
from app.domain.errors import Fault, Invalid
from app.domain.rows.pointing import fault_at
from app.sources.formats._lists import typed_columns
from app.sources.formats._rows import from_rows, hold_rows
from app.sources.formats._spec import Format, Limits
from app.sources.formats._strict import measured, strict
from app.sources.formats._text import hold_names
from app.sources.formats._typed import typed_rows
from app.sources.formats._uniform import uniform
from app.sources.formats.scan import Scan


def decode(body: bytes, limits: Limits) -> Table:
    """Return the columns of JSON rows; what is not there in a row is ``None``.

    Integers keep all their digits for categories, and become the nearest float for numbers.
    """
    table = typed_rows(body, limits) or typed_columns(body, limits)
    if table is None:
        found = measured(body, limits)
        table = uniform(body, found) or _slowly(body, found, limits)
    hold_rows(table.rows, limits)
    hold_names(table.columns, limits.name)
    return table


def _slowly(body: bytes, found: Scan, limits: Limits) -> Table:
    document = strict(body, found, limits)
    if isinstance(document, list):
        return from_rows(document, Layout.ARRAY, limits)
    members = document if isinstance(document, dict) else {}
    match sorted(members):
        case ["rows"] if isinstance(members["rows"], list):
            return from_rows(members["rows"], Layout.ROWS, limits)
        case ["columns"] if isinstance(members["columns"], dict):
            return _from_columns(members["columns"], limits)
    raise Invalid(
        'the body must be an array of rows, {"rows": [...]} or {"columns": {...}}',
        (Fault("neither rows nor columns"),),
    )


def _from_columns(columns: dict[str, object], limits: Limits) -> Table:
    lists = {n: c for n, c in columns.items() if isinstance(c, list)}
    for name in columns:
        if name not in lists:
            fault = fault_at(Layout.COLUMNS, "a column must be an array", None, name)
            raise Invalid("the body cannot be read: a column must be an array", (fault,))
    heights = {name: len(column) for name, column in lists.items()}
    rows = max(heights.values(), default=0)
    hold_rows(rows, limits)
    short = [name for name, height in heights.items() if height != rows]
    if short:
        detail = f"the longest column has {rows} values; this one is shorter"
        faults = tuple(fault_at(Layout.COLUMNS, detail, None, name) for name in short)
        raise Invalid("the columns differ in length", faults)
    return Table(dict(lists), rows, layout=Layout.COLUMNS)


FORMAT = Format("json", ("application/json",), decode)
