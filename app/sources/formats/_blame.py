"""After JSON text was found guilty: which row and field it was. Slow, and only then."""

import re
from collections.abc import Callable, Iterator

import msgspec

from app.domain.batch import Layout
from app.domain.errors import Fault
from app.domain.pointing import pointer
from app.sources.formats.scan import commas_of

Token = str | int
Guilty = Callable[[memoryview, int], bool]
"""Whether a part of JSON text is to blame; told also how many brackets stand around it."""
DEEPEST = 4
"""Parts further in are not named: row and field are found by then."""
NAME = re.compile(rb'\s*("(?:[^"\\]|\\.)*")\s*:', re.DOTALL)
SPACE = b" \t\r\n"


def descend(body: bytes, guilty: Guilty) -> tuple[list[Token], memoryview]:
    """Return the path to the innermost part of JSON text that is guilty, and that part.

    Where a part is guilty though none of its own parts is, the fault lies in that part itself.
    """
    path: list[Token] = []
    span = memoryview(body)
    while len(path) < DEEPEST:
        for token, child in parts(span):
            if guilty(child, len(path) + 1):
                path.append(token)
                span = child
                break
        else:
            break
    return path, span


def parts(span: memoryview) -> Iterator[tuple[Token, memoryview]]:
    """Yield the outermost members or items of JSON text, which may be malformed."""
    start = _first(span)
    if start is None or span[start] not in b"[{":
        return
    cuts = commas_of(span[start:])
    begin = start + 1
    for position, cut in enumerate(cuts):
        child = span[begin : start + cut]
        begin = start + cut + 1
        if len(cuts) == 1 and _first(child) is None:
            return
        if span[start] == ord("["):
            yield position, child
        else:
            yield _member(position, child)


def names_of(span: memoryview) -> list[Token]:
    """Return the member names of an object's text, doubles included."""
    return [token for token, _ in parts(span)]


def fault_on(path: list[Token], detail: str) -> Fault:
    """Return a fault at a path, with row and field told from the layout that it shows."""
    row, field = _row_and_field(path)
    return Fault(detail, pointer(path), row, field)


def _row_and_field(path: list[Token]) -> tuple[int | None, str | None]:
    rest = path[1:]
    if path and isinstance(path[0], int):
        rest = path
    elif path and path[0] == Layout.COLUMNS:
        rest = path[1:3][::-1] if len(path) > 2 else [None, *path[1:2]]  # type: ignore[list-item]
    elif not path or path[0] != Layout.ROWS:
        return None, None
    row = rest[0] if rest and isinstance(rest[0], int) else None
    field = rest[1] if len(rest) > 1 and isinstance(rest[1], str) else None
    return row, field


def _member(position: int, child: memoryview) -> tuple[Token, memoryview]:
    match = NAME.match(child)
    if match is None:
        return position, child
    try:
        name = msgspec.json.decode(match[1], type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return position, child[: match.end() - 1]
    return name, child[match.end() :]


def _first(span: memoryview) -> int | None:
    return next((i for i in range(len(span)) if span[i] not in SPACE), None)
