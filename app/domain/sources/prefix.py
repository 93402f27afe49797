"""Which sources reach an object: prefixes that lie within each other, in buckets and folders."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from app.domain.sources.source import PLACES, Scope, Source, root_of

FOLDER = "file://"
DIGITS = {"{date}": r"\d{4}-\d\d-\d\d", "{year}": r"\d{4}", "{month}": r"\d\d", "{day}": r"\d\d"}
PORTS = {"http": 80, "https": 443}
Real: TypeAlias = Callable[[str], str]
"""Says of a local path where it leads: `os.path.realpath` where links can be followed."""
ANY_PLACE = re.compile("|".join(map(re.escape, PLACES)))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an object lies, whichever source lists it."""

    root: str
    """Of its bucket; the same for all local folders."""
    path: str


def spot_of(source: Source, key: str, real: Real = posixpath.normpath) -> Spot:
    """Return where the object lies that a source lists under ``key``."""
    if source.url.startswith(FOLDER):
        return Spot(FOLDER, f"{_folder(source, real)}/{key}")
    return Spot(_bucket(source), key)


def key_in(source: Source, spot: Spot, real: Real = posixpath.normpath) -> str | None:
    """Return the key under which a source lists an object; None where it does not reach it.

    A source reaches the days that it does not list any more, too.
    """
    root, path = spot.root, spot.path
    if source.url.startswith(FOLDER):
        below = f"{_folder(source, real)}/"
        return path[len(below) :] if root == FOLDER and path.startswith(below) else None
    if root != _bucket(source) or not re.match(_pattern(_prefix(source)), path):
        return None
    return path


def scope_of(source: Source, within: Source, real: Real = posixpath.normpath) -> Scope:
    """Return what of a source lies below the folder of another one."""
    fixed = _fixed(within, real)
    below = fixed.path
    if source.url.startswith(FOLDER):
        below = key_in(source, fixed, real) or ""
    return Scope(source.id, f"{below}/" if below else "")


def overlap(one: Source, other: Source, real: Real = posixpath.normpath) -> bool:
    """Whether two sources may reach the same objects."""
    first, second = _fixed(one, real), _fixed(other, real)
    if first.root != second.root:
        return False
    shorter, longer = sorted((first.path, second.path), key=len)
    return not shorter or f"{longer}/".startswith(f"{shorter}/")


def plain_endpoint(url: str | None) -> str:
    """Return an endpoint as all that lead to the same place are spelled."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}"


def _folder(source: Source, real: Real) -> str:
    # two slashes at the front would stay two
    return real("/" + source.url.removeprefix(FOLDER).lstrip("/")).rstrip("/")


def _bucket(source: Source) -> str:
    """Return the bucket of a source; `root_of` has its endpoint as somebody spelled it."""
    bucket, _, _ = root_of(source).partition("@")
    return f"{bucket}@{plain_endpoint(source.options.endpoint)}"


def _prefix(source: Source) -> str:
    return source.url.partition("://")[2].partition("/")[2].strip("/")


def _fixed(source: Source, real: Real) -> Spot:
    """Return the last folder of a source that is the same on every day."""
    if source.url.startswith(FOLDER):
        return Spot(FOLDER, _folder(source, real))
    prefix = _prefix(source)
    place = ANY_PLACE.search(prefix)
    folder = prefix if place is None else prefix[: place.start()].rpartition("/")[0]
    return Spot(_bucket(source), folder)


def _pattern(prefix: str) -> str:
    if not prefix:
        return ""
    made, at = [], 0
    for place in ANY_PLACE.finditer(prefix):
        made += [re.escape(prefix[at : place.start()]), DIGITS[place[0]]]
        at = place.end()
    return "".join((*made, re.escape(prefix[at:]), "/"))
