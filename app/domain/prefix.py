"""Which sources reach an object: prefixes that lie within each other, in buckets and folders."""

import re
from dataclasses import dataclass

from app.domain.source import PLACES, Scope, Source, root_of

FOLDER = "file://"
DIGITS = {"{date}": r"\d{4}-\d\d-\d\d", "{year}": r"\d{4}", "{month}": r"\d\d", "{day}": r"\d\d"}
ANY_PLACE = re.compile("|".join(map(re.escape, PLACES)))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an object lies, whichever source lists it."""

    root: str
    """Of its bucket; the same for all local folders."""
    path: str


def spot_of(source: Source, key: str) -> Spot:
    """Return where the object lies that a source lists under ``key``."""
    if source.url.startswith(FOLDER):
        return Spot(FOLDER, f"{_folder(source)}/{key}")
    return Spot(root_of(source), key)


def key_in(source: Source, spot: Spot) -> str | None:
    """Return the key under which a source lists an object; None where it does not reach it.

    A source reaches the days that it does not list any more, too.
    """
    root, path = spot.root, spot.path
    if source.url.startswith(FOLDER):
        below = f"{_folder(source)}/"
        return path[len(below) :] if root == FOLDER and path.startswith(below) else None
    if root != root_of(source) or not re.match(_pattern(_prefix(source)), path):
        return None
    return path


def scope_of(source: Source, within: Source) -> Scope:
    """Return what of a source lies below the folder of another one."""
    fixed = _fixed(within)
    below = fixed.path
    if source.url.startswith(FOLDER):
        below = key_in(source, fixed) or ""
    return Scope(source.id, f"{below}/" if below else "")


def overlap(one: Source, other: Source) -> bool:
    """Whether two sources may reach the same objects."""
    first, second = _fixed(one), _fixed(other)
    if first.root != second.root:
        return False
    shorter, longer = sorted((first.path, second.path), key=len)
    return not shorter or f"{longer}/".startswith(f"{shorter}/")


def _folder(source: Source) -> str:
    return source.url.removeprefix(FOLDER).rstrip("/")


def _prefix(source: Source) -> str:
    return source.url.partition("://")[2].partition("/")[2].strip("/")


def _fixed(source: Source) -> Spot:
    """Return the last folder of a source that is the same on every day."""
    if source.url.startswith(FOLDER):
        return Spot(FOLDER, _folder(source))
    prefix = _prefix(source)
    place = ANY_PLACE.search(prefix)
    folder = prefix if place is None else prefix[: place.start()].rpartition("/")[0]
    return Spot(root_of(source), folder)


def _pattern(prefix: str) -> str:
    if not prefix:
        return ""
    made, at = [], 0
    for place in ANY_PLACE.finditer(prefix):
        made += [re.escape(prefix[at : place.start()]), DIGITS[place[0]]]
        at = place.end()
    return "".join((*made, re.escape(prefix[at:]), "/"))
