"""Whole bodies: a route that wants all of one takes its pieces as they come, and wakes once.

Passed on piece by piece, a large body is copied five times, and its route, the event loop and the
socket's selector take a turn for every quarter of a megabyte.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, cast

from starlette.types import Scope

KEY = "leeway.straight"
Take: TypeAlias = Callable[[bytes], bool]
"""Takes a piece; False where it wants no more of them."""


class Body(Protocol):
    """What a server has of a body, and whether more comes."""

    body: bytearray
    more_body: bool


def offer(scope: Mapping[str, Any], begin: Callable[[Take], None]) -> None:
    """Let the route of ``scope`` take its body's pieces; for the server to call."""
    cast("Scope", scope)[KEY] = begin


def begin(scope: Scope, take: Take) -> None:
    """Have the pieces of this request's body handed to ``take`` instead of to who receives.

    Whoever receives then wakes when the body is whole, the client gone, or a piece was not
    taken. Other servers than ours go on as before.
    """
    handing: Callable[[Take], None] | None = scope.get(KEY)
    if handing is not None:
        handing(take)


def drain(held: Body, take: Take) -> bool:
    """Hand over what had come before; whether there is any use in handing over the rest."""
    piece = bytes(held.body)
    held.body = bytearray()
    return (not piece or take(piece)) and held.more_body
