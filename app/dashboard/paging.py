"""Lists in parts: the next part is a link, made from where the last one ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from starlette.requests import Request

from app.dashboard.place import links_of

Item = TypeVar("Item")
ON_A_PAGE = 50


def cut(
    found: Sequence[Item], position: Callable[[Item], object], most: int = ON_A_PAGE
) -> tuple[Sequence[Item], object | None]:
    """Return what is shown of a list that was asked for with one more, and where it goes on."""
    shown = found[:most]
    return shown, position(shown[-1]) if len(found) > most else None


def further(request: Request, chosen: Mapping[str, object], **at: object) -> str:
    """Return the address of this page with what was chosen, at another place of its list."""
    prefix: str = request.scope.get("root_path", "").rstrip("/")
    path: str = request.scope["path"].removeprefix(prefix)
    return links_of(request)(*path.strip("/").split("/"), **(dict(chosen) | at))
