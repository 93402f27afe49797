"""Listings around keys that no path can name, such as ``a//b`` and ``a/../b``.

The library ends a listing at the page that holds one. Keys come in their order, so another listing
begins behind all that share the part at fault. What stood before it on that page is asked for
folder by folder, where the whole listing is small enough for that; what is unseen even so begins
with a character that sorts before the part at fault, such as ``-``, in the same folder.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from app.sources.objects.troubles import BAD_KEY, NO_PATH, trouble

if TYPE_CHECKING:
    from obstore import ListResult

Page = Sequence["obstore.ObjectMeta"]
PAGE = 1_000
MOST = 100
"""Listings begun anew for one prefix; beyond them the rest waits until the keys are mended."""
SMALL = 100_000
"""Keys up to which folders are asked for one by one, since each comes as a whole."""
NAMED = re.compile(r'Path "([^"\\]*)"')
BAD_PARTS = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class Gap:
    """What a listing could not show: keys behind ``low`` up to one that is at fault."""

    low: str
    key: str
    bad: int
    """Place of the part at fault."""

    @property
    def behind(self) -> str:
        """The first text that sorts behind all keys with that part; ``0`` follows ``/``."""
        return "/".join(self.key.split("/")[: self.bad + 1]) + "0"


def gap_of(message: str, low: str) -> Gap | None:
    """Return the gap that an error tells of; None where it tells of something else."""
    named = NAMED.search(message)
    if named is None or not NO_PATH.search(message):
        return None
    parts = named[1].split("/")
    bad = next((place for place, part in enumerate(parts) if part in BAD_PARTS), None)
    return None if bad is None else Gap(low, named[1], bad)


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
        gaps.append(gap)
        if gap.behind <= low:
            return  # this store's listings begin at the first key whatever is asked
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
    """Folders one by one; each is asked for once, however many gaps it has."""

    store: ObjectStore
    known: dict[str, "ListResult[Page] | None"] = field(default_factory=dict)

    async def filled(self, prefix: str, gap: Gap) -> AsyncIterator[Page]:
        """Yield the keys of a gap, from the folders above the part at fault."""
        depth = len(prefix.split("/")) if prefix else 0
        parts = gap.key.split("/")
        for place in range(depth, gap.bad):
            level = await self._level("/".join(parts[:place]))
            if level is None:
                continue
            yield [one for one in level["objects"] if gap.low < one["path"] < gap.key]
            for folder in level["common_prefixes"]:
                if gap.low < f"{folder}/\U0010ffff" < gap.key:
                    low = gap.low if gap.low > folder else ""
                    async for page in _behind(self.store, folder, low):
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


async def _there(store: ObjectStore, key: str) -> "obstore.ObjectMeta | None":
    try:
        return await obstore.head_async(store, key)
    except FileNotFoundError:
        return None
