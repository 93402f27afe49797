"""Cursors of lists: opaque to callers, so that what they hold may change."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.domain.errors import Fault, Invalid

Item = TypeVar("Item")
LARGEST = 2**63 - 1


def encode(position: str | int) -> str:
    """Return the cursor of a position in a list."""
    raw = json.dumps(position).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(cursor: str | None, kind: type[Item]) -> Item | None:
    """Return the position that a cursor holds; None for the beginning.

    Raises
    ------
    Invalid
        It is none of ours.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        position = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        position = None
    # bool is an int to isinstance, and no position is a truth value.
    if not isinstance(position, kind) or isinstance(position, bool) or not _kept(position):
        fault = Fault("is not a cursor of this list", field="cursor")
        raise Invalid("the cursor cannot be used", (fault,))
    return position


def _kept(position: object) -> bool:
    """Whether a database takes it: forged cursors may hold what no list ever held."""
    if isinstance(position, int):
        return 0 <= position <= LARGEST
    text = str(position)
    return "\0" not in text and not any("\ud800" <= mark <= "\udfff" for mark in text)


def page(
    found: Sequence[Item], limit: int, position: Callable[[Item], str | int]
) -> tuple[Sequence[Item], str | None]:
    """Cut a list that was asked for with ``limit + 1``; return it with the next cursor."""
    shown = found[:limit]
    if len(found) <= limit:
        return shown, None
    return shown, encode(position(shown[-1]))
