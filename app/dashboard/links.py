"""Addresses of pages and of the API's documents, made from names that may hold anything."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """Makes addresses below a prefix.

    Examples
    --------
    >>> link = Links("/leeway")
    >>> link("models", "a/b", version="2", segment="")
    '/leeway/models/a%2Fb?version=2'
    >>> link()
    '/leeway/'
    """

    prefix: str = ""
    origin: str = "http://127.0.0.1:8000"
    """Where the reader reached the service, for lines that are copied."""
    has_keys: bool = False
    """Whether the service asks for a key."""

    def __call__(self, *parts: str, **query: object) -> str:
        """Return the address of a path's parts; queries that are None or empty are left out."""
        path = "/".join(("", *(quote(part, safe=":@!$,") for part in parts))) if parts else "/"
        said = {name: value for name, value in query.items() if value not in (None, "")}
        return self.prefix + path + (f"?{urlencode(said)}" if said else "")
