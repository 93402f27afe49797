"""After JSON text was found guilty: which row and field it was. Slow, and only then."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from app.domain.batch import Layout
from app.domain.errors import Fault
from app.domain.rows.pointing import pointer
from app.sources.formats.scan import commas_of

Token = str | int
Guilty = Callable[[memoryview, int], bool]
"""Whether a part of JSON text is to blame; told also how many brackets stand around it."""
DEEPEST = 4
"""Parts further in are not named: row and field are found by then."""
NAME = re.compile(rb'\s*("(?:[^"\\]|\\.)*")\s*:', re.DOTALL)
SPACE = b" \t\r\n"
FEW = 32


def descend(body: bytes, guilty: Guilty) -> tuple[list[Token], memoryview]:
    """Return the path to the innermost part of JSON text that is guilty, and that part.

    Where a part is guilty though none of its own parts is, the fault lies in that part itself.
    """
    path: list[Token] = []
    span = memoryview(body)
    while len(path) < DEEPEST:
        level = len(path)
        for token, child in parts(span, partial(_inside, guilty, level)):
            if guilty(child, level + 1):
                path.append(token)
                span = child
                break
        else:
            break
    return path, span


def _inside(guilty: Guilty, level: int, part: memoryview, _: int) -> bool:
    return guilty(part, level)


def parts(span: memoryview, narrow: Guilty | None = None) -> Iterator[tuple[Token, memoryview]]:
    """Yield the outermost members or items of JSON text, which may be malformed.

    With ``narrow`` only some items of a long array are, the first guilty one among them.
    """
    start = _first(span)
    if start is None or span[start] not in b"[{":
        return
    inside = span[start + 1 :]
    cuts = [cut - 1 for cut in commas_of(span[start:])]
    if len(cuts) == 1 and _first(inside[: max(0, cuts[0])]) is None:
        return
    is_array = span[start] == ord("[")
    few = _narrowed(inside, cuts, narrow) if narrow and is_array else range(len(cuts))
    for position in few:
        child = inside[_begin(cuts, position) : max(0, cuts[position])]
        yield (position, child) if is_array else _member(position, child)


def _narrowed(inside: memoryview, cuts: list[int], guilty: Guilty) -> range:
    """Halve a long array until few items are left, always keeping the first guilty one.

    Some items in brackets are an array again, which can be judged as a whole.
    """
    low, high = 0, len(cuts)
    while high - low > FEW:
        middle = (low + high) // 2
        items = inside[_begin(cuts, low) : cuts[middle - 1]]
        if guilty(memoryview(b"[" + bytes(items) + b"]"), 0):
            high = middle
        else:
            low = middle
    return range(low, high)


def _begin(cuts: list[int], position: int) -> int:
    return cuts[position - 1] + 1 if position else 0


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
