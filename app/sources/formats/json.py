"""JSON rows and columns: ``[{...}]``, ``{"rows": [{...}]}`` or ``{"columns": {"a": [...]}}``."""

from collections.abc import Iterable

import msgspec

from app.domain.batch import Layout, RawColumn, Table
from app.domain.errors import Fault, Invalid, TooLarge
from app.domain.pointing import fault_at
from app.sources.formats import _blame
from app.sources.formats._blame import Guilty, fault_on
from app.sources.formats._spec import Format, Limits
from app.sources.formats._text import hold_names
from app.sources.formats._uniform import uniform
from app.sources.formats.scan import Scan, scan

DIGITS = 308
"""More digits than these need not fit into a float; a fraction has no use for them."""

_decode = msgspec.json.Decoder().decode


def decode(body: bytes, limits: Limits) -> Table:
    """Return the columns of JSON rows; what is not there in a row is ``None``.

    Integers keep all their digits for categories, and become the nearest float for numbers.
    """
    found = _measured(body, limits)
    table = uniform(body, found)
    if table is not None:
        _hold_rows(table.rows, limits)
    else:
        table = _slowly(body, found, limits)
    hold_names(table.columns, limits.name)
    return table


def _slowly(body: bytes, found: Scan, limits: Limits) -> Table:
    document = _strict(body, found, limits)
    if isinstance(document, list):
        return _from_rows(document, Layout.ARRAY, limits)
    members = document if isinstance(document, dict) else {}
    match sorted(members):
        case ["rows"] if isinstance(members["rows"], list):
            return _from_rows(members["rows"], Layout.ROWS, limits)
        case ["columns"] if isinstance(members["columns"], dict):
            return _from_columns(members["columns"], limits)
    raise Invalid(
        'the body must be an array of rows, {"rows": [...]} or {"columns": {...}}',
        (Fault("neither rows nor columns"),),
    )


def strict_json(body: bytes, limits: Limits) -> object:
    """Return a JSON document, refusing what parsers disagree about.

    Refused are doubled member names, NUL in text, numbers beyond the range of a float, and
    whatever passes the limits on depth, members, values and text; a parser that reads to the
    letter refuses the rest.

    Raises
    ------
    TooLarge, Invalid
        Names row and field where there are some.
    """
    return _strict(body, _measured(body, limits), limits)


def _measured(body: bytes, limits: Limits) -> Scan:
    """Refuse what can be refused before it is decoded."""
    if not body or body.isspace():
        raise Invalid("the body is empty", (Fault("empty body"),))
    found = scan(body)
    _hold_limits(body, found, limits)
    if found.nul:
        raise _blamed(body, lambda part, _: scan(part).nul > 0, "text must not hold NUL")
    return found


def _strict(body: bytes, found: Scan, limits: Limits) -> object:
    try:
        document: object = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _blamed(body, _undecodable, "this is not valid JSON") from error
    if found.colons != _members(document, found.depth):
        raise _doubled(body, limits)
    return document


def _hold_limits(body: bytes, found: Scan, limits: Limits) -> None:
    if found.depth > limits.depth:
        raise _blamed(
            body,
            lambda part, level: scan(part).depth > limits.depth - level,
            "values are nested too deep",
        )
    values = found.colons + found.commas
    if values > limits.values:
        raise TooLarge(
            f"the body holds more than {limits.values} values; split it, or send Parquet",
            (Fault("too many values"),),
        )
    if found.members > limits.columns:
        raise TooLarge(
            f"an object has more than {limits.columns} members", (Fault("too many columns"),)
        )
    if found.text > limits.text:
        detail = f"a text is longer than {limits.text} bytes"
        path, _ = _blame.descend(body, lambda part, _: scan(part).text > limits.text)
        raise TooLarge(detail, (fault_on(path, detail),))
    if found.digits > DIGITS:
        raise _blamed(
            body, lambda part, _: scan(part).digits > DIGITS, "a number has too many digits"
        )


def _undecodable(part: memoryview, _: int) -> bool:
    try:
        _decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


def _blamed(body: bytes, guilty: Guilty, detail: str) -> Invalid:
    path, _ = _blame.descend(body, guilty)
    return Invalid(f"the body cannot be read: {detail}", (fault_on(path, detail),))


def _members(document: object, depth: int) -> int:
    """Count the members of all objects of a document, which is ``depth`` brackets deep at most."""
    inner: Iterable[object] = ()
    own = 0
    if isinstance(document, dict):
        own = len(document)
        inner = document.values()
    elif isinstance(document, list):
        inner = document
    if depth > 1:
        own += sum(_members(part, depth - 1) for part in inner if isinstance(part, dict | list))
    return own


def _doubled(body: bytes, limits: Limits) -> Invalid:
    path, span = _blame.descend(
        body, lambda part, _: scan(part).colons != _members(_decode(part), limits.depth)
    )
    names = _blame.names_of(span)
    seen: set[object] = set()
    doubles = [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    detail = "a name appears twice in one object"
    return Invalid(f"the body cannot be read: {detail}", (fault_on(path + doubles[:1], detail),))


def _from_rows(rows: list[object], layout: Layout, limits: Limits) -> Table:
    _hold_rows(len(rows), limits)
    dicts = [row for row in rows if isinstance(row, dict)]
    if len(dicts) != len(rows):
        row = next(i for i, row in enumerate(rows) if not isinstance(row, dict))
        fault = fault_at(layout, "a row must be an object", row, None)
        raise Invalid("the body cannot be read: a row must be an object", (fault,))
    columns = _gathered(dicts, limits)
    return Table(columns, len(rows), layout=layout)


def _gathered(rows: list[dict[str, object]], limits: Limits) -> dict[str, RawColumn]:
    """Return the values of each name, ``None`` where a row does not have it."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
        if len(names) > limits.columns:
            raise TooLarge(
                f"the rows have more than {limits.columns} columns", (Fault("too many columns"),)
            )
    if len(names) * len(rows) > limits.values:
        raise TooLarge(
            f"the body stands for more than {limits.values} values; split it, or send Parquet",
            (Fault("too many values"),),
        )
    return {name: [row.get(name) for row in rows] for name in names}


def _from_columns(columns: dict[str, object], limits: Limits) -> Table:
    lists = {n: c for n, c in columns.items() if isinstance(c, list)}
    for name in columns:
        if name not in lists:
            fault = fault_at(Layout.COLUMNS, "a column must be an array", None, name)
            raise Invalid("the body cannot be read: a column must be an array", (fault,))
    heights = {name: len(column) for name, column in lists.items()}
    rows = max(heights.values(), default=0)
    _hold_rows(rows, limits)
    short = [name for name, height in heights.items() if height != rows]
    if short:
        detail = f"the longest column has {rows} values; this one is shorter"
        faults = tuple(fault_at(Layout.COLUMNS, detail, None, name) for name in short)
        raise Invalid("the columns differ in length", faults)
    return Table(dict(lists), rows, layout=Layout.COLUMNS)


def _hold_rows(rows: int, limits: Limits) -> None:
    if rows == 0:
        raise Invalid("the body holds no rows", (Fault("no rows"),))
    if rows > limits.rows:
        raise TooLarge(f"the body holds more than {limits.rows} rows", (Fault("too many rows"),))


FORMAT = Format("json", ("application/json",), decode)
