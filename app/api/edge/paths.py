"""The path of a request as routes see it, and path tails that may hold anything."""

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import Scope


class TailConvertor(Convertor[str]):
    """The rest of a path, not empty: slashes and line breaks too (``path`` stops at the latter)."""

    regex = "(?s:.+)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("tail", TailConvertor())


def route_path(scope: Scope) -> str:
    """Return the path without the prefix under which a proxy serves us."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    if prefix and (path == prefix or path.startswith(prefix + "/")):
        return path[len(prefix) :]
    return path
