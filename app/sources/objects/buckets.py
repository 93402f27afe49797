"""Object storage as the steps see it: pages of listings, and objects opened for reading."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import obstore
from obstore.store import ObjectStore

from app.domain.errors import Invalid
from app.domain.sources.source import Listed, Source, Trouble, prefixes
from app.ports.sources import Piece
from app.sources.objects import folders, shapes, skipping
from app.sources.objects.folders import HIDDEN
from app.sources.objects.opening import Opener
from app.sources.objects.places import Kinds, place_of
from app.sources.objects.reading import BUFFER, ObjectFile, fetch_all
from app.sources.objects.troubles import BAD_KEY, told, trouble
from app.sources.payloads import Columns, Payload

SMALL = 4_000_000
"""Up to so many bytes an object is read at once, and no thread waits for it."""
KEPT = 64
ASKED_FOR = 10.0


@dataclass(frozen=True, slots=True)
class Opened:
    """One object, ready to be read in a thread."""

    file: io.BufferedReader
    size: int
    shape: tuple[Payload, str]
    columns: Columns
    raw: ObjectFile | None = None

    def pieces(self, parts: int) -> Iterator[Piece]:
        """Yield its rows from behind the first ``parts`` parts; raises `Trouble`."""
        try:
            yield from shapes.pieces(self.file, self.size, self.shape, self.columns, parts)
        except Invalid as error:
            # a reader may take the store's trouble for the content's
            raise (self.raw and self.raw.trouble) or unreadable(error) from error


@dataclass(slots=True)
class Buckets:
    """Reads buckets and folders; stores are kept open, so that connections are used again."""

    kinds: Kinds
    opener: Opener
    _asked: dict[str, float] = field(default_factory=dict)
    _stores: OrderedDict[str, ObjectStore] = field(default_factory=OrderedDict)

    async def pages(self, source: Source, today: date) -> AsyncIterator[Sequence[Listed]]:
        """Yield all objects of a source page by page; raises `Trouble`.

        The whole prefix each time: a listing that went on behind the last key would never see
        one that sorts before it and comes late. Keys that cannot be read are told at the end.
        """
        unnamed: Trouble | None = None
        await self._allowed(source)
        for prefix in prefixes(place_of(source.url).prefix, source.days, today):
            try:
                with told("no-bucket"):
                    async for page in self._below(source, prefix):
                        yield [one for one in page if _is_data(one, prefix)]
            except Trouble as trouble:
                if trouble.code != BAD_KEY:
                    raise
                unnamed = trouble
        if unnamed is not None:
            raise unnamed

    async def _below(self, source: Source, prefix: str) -> AsyncIterator[Sequence[Listed]]:
        place = place_of(source.url)
        if place.scheme == "file":
            async for files in folders.pages(place.bucket, self.kinds.allow.permits_folder):
                yield files
            return
        store = await asyncio.to_thread(self._store, source)
        async for page in skipping.pages(store, prefix):
            yield [_listed(one) for one in page]

    async def open(self, source: Source, listed: Listed) -> Opened:
        """Return an object of exactly the content that was listed; raises `Trouble`."""
        await self._allowed(source)
        place = place_of(source.url)
        if place.scheme == "file":
            # a link in the folder may lead out of it
            path = Path(place.bucket) / listed.key
            if not await asyncio.to_thread(self.kinds.allow.permits_folder, path):
                raise trouble("link-leads-out")
        try:
            shape = shapes.named(listed.key, source.format)
        except Invalid as error:
            raise unreadable(error) from error
        store = await asyncio.to_thread(self._store, source)
        columns = shapes.columns_of(source)
        if listed.size <= SMALL:
            return Opened(await fetch_all(store, listed), listed.size, shape, columns)
        raw = ObjectFile(store, listed)
        return Opened(io.BufferedReader(raw, BUFFER), listed.size, shape, columns, raw)

    async def _allowed(self, source: Source) -> None:
        """Ask whether a source may be reached; names are looked up again now and then."""
        now = asyncio.get_running_loop().time()
        mark = _mark(source)
        if self._asked.get(mark, -ASKED_FOR) + ASKED_FOR > now:
            return
        try:
            await self.kinds.reachable(source)
        except Invalid as error:
            raise Trouble("address-refused", error.detail, passing=True) from error
        self._asked = {one: at for one, at in self._asked.items() if at + ASKED_FOR > now}
        self._asked[mark] = now

    def _store(self, source: Source) -> ObjectStore:
        mark = _mark(source)
        if mark not in self._stores:
            self._stores[mark] = self.opener.open(source)
            while len(self._stores) > KEPT:
                self._stores.popitem(last=False)
        return self._stores[mark]


def _mark(source: Source) -> str:
    return repr((source.url, source.options))


def unreadable(error: Invalid) -> Trouble:
    """Return what is wrong with the content of an object; it will be wrong the next time, too."""
    code = "unreadable" if error.code == Invalid.code else error.code
    return Trouble(code, error.detail, faults=error.faults, rows=error.rows)


def _is_data(one: Listed, prefix: str) -> bool:
    parts = one.key[len(prefix) :].strip("/").split("/")
    marks_a_folder = one.key.endswith("/") or (one.size == 0 and "." not in parts[-1])
    return not marks_a_folder and not any(part.startswith(HIDDEN) for part in parts)


def _listed(one: "obstore.ObjectMeta") -> Listed:
    return Listed(one["path"], one["size"], one["last_modified"], one["e_tag"], one["version"])
