"""JSON text that means one thing only: what parsers disagree about is refused and named."""

from collections.abc import Iterable

import msgspec

from app.domain.errors import Fault, Invalid, TooLarge
from app.sources.formats import _blame
from app.sources.formats import _misread as misread
from app.sources.formats._blame import Guilty, fault_on
from app.sources.formats._spec import Limits
from app.sources.formats._text import hold_start
from app.sources.formats.scan import Scan, scan

DIGITS = 308
"""More digits than these need not fit into a float; a fraction has no use for them."""

_decode = msgspec.json.Decoder().decode


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
    return strict(body, measured(body, limits), limits)


def measured(body: bytes, limits: Limits) -> Scan:
    """Refuse what can be refused before it is decoded."""
    hold_start(body)
    if not body or body.isspace():
        raise Invalid("the body is empty", (Fault("empty body"),))
    found = scan(body)
    _hold_limits(body, found, limits)
    if found.nul:
        raise _blamed(body, lambda part, _: scan(part).nul > 0, "text must not hold NUL")
    return found


def strict(body: bytes, found: Scan, limits: Limits) -> object:
    try:
        document: object = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        detail = f"this is not valid JSON{misread.place(body, error)}{misread.hint(body)}"
        raise _blamed(body, _undecodable, detail) from error
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
