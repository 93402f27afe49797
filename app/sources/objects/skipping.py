"""Listings around keys that no path can name: ``a//b``, ``a/../b``, or with a line break.

The library ends a listing at the page that holds one. Keys come in their order, so another listing
begins behind all that share the part at fault. What stood before it on that page is asked for
folder by folder, where the whole listing is small enough for that; what is unseen even so sorts
before the part at fault in the same folder. Where no listing can begin behind such a key, or the
part at fault is not known, all the rest is asked for folder by folder.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from app.sources.objects.troubles import BAD_KEY, CONTROL, NO_PATH, at_fault, trouble

if TYPE_CHECKING:
    from obstore import ListResult

Page = Sequence["obstore.ObjectMeta"]
PAGE = 1_000
MOST = 100
"""Listings begun anew for one prefix; beyond them the rest waits until the keys are mended."""
SMALL = 100_000
"""Keys up to which folders are asked for one by one, since each comes as a whole."""
NAMED = re.compile(r'Path "(.*?)"(?: contained empty|: Encountered illegal)', re.DOTALL)
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Gap:
    """What a listing could not show: keys behind ``low`` up to one that is at fault."""

    low: str
    key: str = LAST
    bad: int = 0
    """Place of the part at fault."""

    @property
    def behind(self) -> str:
        """The first text that sorts behind all keys with that part, and is a path itself.

        A space follows all control characters but the last, and ``0`` follows ``/``.
        """
        upto = "/".join(self.key.split("/")[: self.bad + 1])
        control = CONTROL.search(upto)
        if control is None:
            return upto + "0"
        return upto[: control.start()] + (" " if control[0] < " " else "\x80")


def gap_of(message: str, low: str) -> Gap | None:
    """Return the gap that an error tells of; None where it tells of something else.

    Where no part at fault can be told it has no end: what lies behind ``low`` is all unknown.
    """
    if not NO_PATH.search(message):
        return None
    named = NAMED.search(message)
    parts = named[1].split("/") if named else []
    bad = next((place for place, part in enumerate(parts) if at_fault(part)), None)
    return Gap(low) if bad is None or named is None else Gap(low, named[1], bad)


async def pages(store: ObjectStore, prefix: str) -> AsyncIterator[Page]:
    """Yield what can be listed; in the end raises `Trouble` where something may be unseen."""
    gaps: list[Gap] = []
    seen = 0
    async for page in _around(store, prefix, gaps):
        seen += len(page)
        yield page
    if not gaps:
        return
    if seen <= SMALL:
        folders = _Folders(store)
        for gap in gaps:
            async for page in folders.filled(prefix, gap):
                yield page
    raise trouble(BAD_KEY)


async def _around(store: ObjectStore, prefix: str, gaps: list[Gap]) -> AsyncIterator[Page]:
    """List again behind each key at fault, and note the gaps."""
    low = ""
    while len(gaps) < MOST:
        try:
            async for page in _behind(store, prefix, low):
                low = page[-1]["path"]
                yield page
        except BaseError as error:
            gap = gap_of(str(error), low)
            if gap is None:
                raise
        else:
            return
        # some stores' listings begin at the first key whatever is asked
        gaps.append(gap if gap.behind > low else Gap(low))
        if gaps[-1].key == LAST:
            return
        low = gap.behind
        # a listing begins behind its offset, which may be a key itself
        if found := await _there(store, low):
            yield [found]


async def _behind(store: ObjectStore, prefix: str, low: str) -> AsyncIterator[Page]:
    async for page in obstore.list(store, prefix or None, offset=low or None, chunk_size=PAGE):
        if page:
            yield page


@dataclass(frozen=True, slots=True)
class _Folders:
    """Folders one by one; each is asked what lies in it once, however many gaps it has."""

    store: ObjectStore
    known: dict[str, "ListResult[Page] | None"] = field(default_factory=dict)

    async def filled(self, prefix: str, gap: Gap) -> AsyncIterator[Page]:
        """Yield the keys of a gap, from the folders above the part at fault."""
        if gap.key == LAST:
            async for page in self._below(prefix, gap.low):
                yield page
            return
        if inner := _left(gap):
            async for page in self._whole(inner, gap.low):
                yield [one for one in page if one["path"] < gap.key]
        depth = len(prefix.split("/")) if prefix else 0
        parts = gap.key.split("/")
        for place in range(depth, gap.bad):
            level = await self._level("/".join(parts[:place]))
            if level is None:
                continue
            yield [one for one in level["objects"] if gap.low < one["path"] < gap.key]
            for folder in level["common_prefixes"]:
                if gap.low < f"{folder}/{LAST}" < gap.key:
                    low = gap.low if gap.low > folder else ""
                    async for page in _behind(self.store, folder, low):
                        yield page

    async def _below(self, folder: str, low: str) -> AsyncIterator[Page]:
        """Yield the keys of a folder behind ``low``, and of each one in it that can be listed."""
        level = await self._level(folder)
        if level is None:
            return
        yield [one for one in level["objects"] if low < one["path"]]
        for inner in level["common_prefixes"]:
            if low < f"{inner}/{LAST}":
                async for page in self._whole(inner, low):
                    yield page

    async def _whole(self, folder: str, low: str) -> AsyncIterator[Page]:
        """List a folder at once, or from the first key at fault on by those in it."""
        try:
            async for page in _behind(self.store, folder, low if low > folder else ""):
                low = page[-1]["path"]
                yield page
        except BaseError as error:
            if not NO_PATH.search(str(error)):
                raise
        else:
            return
        async for page in self._below(folder, low):
            yield page

    async def _level(self, folder: str) -> "ListResult[Page] | None":
        """Return what lies in a folder; None where another such key does."""
        if folder not in self.known:
            try:
                found = await obstore.list_with_delimiter_async(self.store, folder or None)
                self.known[folder] = found
            except BaseError as error:
                if not NO_PATH.search(str(error)):
                    raise
                self.known[folder] = None
        return self.known[folder]


def _left(gap: Gap) -> str:
    """Return the folder in which a gap begins, where the part at fault is beside or above it."""
    inside, bad = gap.low.split("/")[:-1], gap.key.split("/")[: gap.bad + 1]
    for place, (folder, part) in enumerate(zip(inside, bad, strict=False), 1):
        if folder != part:
            return "/".join(inside[:place])
    return ""


async def _there(store: ObjectStore, key: str) -> "obstore.ObjectMeta | None":
    try:
        return await obstore.head_async(store, key)
    except FileNotFoundError:
        return None
