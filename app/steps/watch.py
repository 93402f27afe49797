"""Sources that are due are listed as a whole, and what is not known yet is noted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.sources.source import Listed, Look, Trouble
from app.ports import Store
from app.ports.sources import Buckets

LEASE = timedelta(seconds=60)
"""Longer than a page of a listing can take, with the store's own retries."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a source showed."""

    look: Look
    listed: int
    added: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Watcher:
    """Looks at one source after the other, whichever replica comes first."""

    store: Store
    buckets: Buckets
    holder: str

    async def once(self, beat: Callable[[], None] = lambda: None) -> Looked | None:
        """Look at a source that is due; None where none is.

        ``beat`` is told of every page. No transaction is open while the store is asked.
        """
        async with self.store.write() as unit:
            look = await unit.sources.begin_look(self.holder, LEASE)
            began = unit.now
        if look is None:
            return None
        listed = added = 0
        error: str | None = None
        try:
            async for page in self.buckets.pages(look.source, began.date()):
                beat()
                found = await self._note(look, page)
                if found is None:
                    return Looked(look, listed, added, "lost")
                listed, added = listed + len(page), added + found
        except Trouble as trouble:
            error = trouble.code
        async with self.store.write() as unit:
            await unit.sources.end_look(look, began, listed, error)
        return Looked(look, listed, added, error)

    async def _note(self, look: Look, page: Sequence[Listed]) -> int | None:
        """Note what is new on a page; where nothing is, nothing is written but now and then."""
        async with self.store.read() as unit:
            fresh = await unit.sources.unknown(look.source, page)
        async with self.store.write() as unit:
            return await unit.sources.note(look, fresh, LEASE)
