"""Which requests are plain: bodies of rows that need nothing but to be counted.

A request is plain where all of its head is right beyond doubt. What is not known here, was sent
twice or is wrong is left to the router and its layers, which say what is wrong.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import Scope

from app.api.edge.auth import known, presented
from app.api.edge.hosts import host_of
from app.api.edge.paths import route_path
from app.api.parameters import KEY_PATTERN, LONGEST_KEY, SOURCE
from app.api.schemas.base import NAME_PATTERN
from app.api.state import Api
from app.domain.errors import Unsupported
from app.domain.rejection import Sender
from app.domain.sources.sequence import Numbered, parse, readable
from app.sources.formats import ENCODINGS, Format, find_format

PATH = re.compile(rf"/v1/models/({NAME_PATTERN.strip('^$')})/batches")
NAME, KEY = re.compile(NAME_PATTERN), re.compile(KEY_PATTERN)
VERSION = "version="
LONGEST_LENGTH = 9
"""Digits of a length that may still be plain."""
READ = frozenset(
    {b"host", b"content-type", b"content-length", b"idempotency-key", b"leeway-source"}
    | {b"authorization", b"leeway-sequence", b"content-encoding"}
)
"""Headers that say something of a batch; each at most once."""
ODD = frozenset({b"transfer-encoding", b"sec-fetch-site", b"origin", b"expect"})
"""Headers with which a request takes the long way."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a plain request says of its body."""

    model: str
    version: str | None
    key: str | None
    source: str
    form: Format
    media_type: str
    query: str
    size: int
    """Bytes of the body."""
    sequence: Numbered | None = None
    encoding: str | None = None

    @property
    def sender(self) -> Sender:
        return Sender(self.model, self.version, self.source, self.key)


def plain(scope: Scope, api: Api) -> Rows | None:
    """Return what a request says of its rows; None where it is not plain."""
    if scope["method"] != "POST" or api.draining():
        return None
    path = PATH.fullmatch(route_path(scope))
    if path is None:
        return None
    headers = _once(scope["headers"])
    if headers is None or not _welcome(headers, api):
        return None
    length = headers.get(b"content-length", b"")
    form = _form(headers.get(b"content-type", b""))
    if form is None or not length.isdigit() or len(length) > LONGEST_LENGTH:
        return None
    key, source = _text(headers, b"idempotency-key"), _text(headers, b"leeway-source")
    sequence = _text(headers, b"leeway-sequence")
    encoding = _text(headers, b"content-encoding")
    query = scope["query_string"].decode("latin-1")
    version = query.removeprefix(VERSION) if query else None
    size = int(length)
    right = (
        size <= (api.limits.columnar if form[1].columnar else api.limits.rows)
        and (key is None or (len(key) <= LONGEST_KEY and KEY.match(key)))
        and (source is None or NAME.match(source))
        and (sequence is None or readable(sequence))
        and (encoding is None or encoding in ENCODINGS)
        and (version is None or (query != version and NAME.match(version)))
    )
    if not right:
        return None
    media_type, found = form
    numbered = None if sequence is None else parse(sequence)
    said = (path[1], version, key, source or SOURCE, found, media_type, query)
    return Rows(*said, size, numbered, encoding)


def _once(headers: list[tuple[bytes, bytes]]) -> Mapping[bytes, bytes] | None:
    """Return the headers that are read; None where one is odd, or was sent twice."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in READ:
            if name in found:
                return None
            found[name] = value
        elif name in ODD:
            return None
    return found


def _welcome(headers: Mapping[bytes, bytes], api: Api) -> bool:
    """Whether the request has a key, and calls the service by a name of its own."""
    if api.hosts is not None and _host(headers.get(b"host", b"")) not in api.hosts:
        return False
    key = _text(headers, b"authorization")
    # without keys, one that is shown opens nothing: it may be that of a run
    return known(presented(key), api.keys) if api.keys else key is None


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


@lru_cache(maxsize=64)
def _host(header: bytes) -> str:
    return host_of(header.decode("latin-1"))


@lru_cache(maxsize=64)
def _form(header: bytes) -> tuple[str, Format] | None:
    text = header.decode("latin-1")
    try:
        return text.partition(";")[0].strip().lower(), find_format(text)
    except Unsupported:
        return None
