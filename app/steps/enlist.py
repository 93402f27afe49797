"""The objects of a prefix are noted, each with the source of the model that reaches it.

What two sources reach is counted in the name of one, so that a backfill and a source over the
same objects come to no double.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain.sources.prefix import Real, key_in, overlap, spot_of
from app.domain.sources.source import Listed, Source
from app.ports import Store, Unit


@dataclass(slots=True)
class Enlisted:
    """What listings showed so far."""

    listed: int = 0
    bytes: int = 0
    added: dict[str, int] = field(default_factory=dict)
    """Objects that are new, by the source that takes them."""
    forgotten: int = 0
    """Objects older than their source remembers: they may have been counted before."""

    def again(self) -> None:
        """Begin a listing anew; what was added stays added."""
        self.listed = self.bytes = self.forgotten = 0

    @property
    def known(self) -> int:
        """Objects that were known before, whatever became of them."""
        return self.listed - sum(self.added.values()) - self.forgotten


def others_of(
    own: Source, sources: Sequence[Source], real: Real = posixpath.normpath
) -> list[Source]:
    """Return the model's other sources that may reach the same objects, those at work first."""
    found = [
        source
        for source in sources
        if source.model_id == own.model_id and source.id != own.id and overlap(source, own, real)
    ]
    return sorted(found, key=lambda source: (not source.enabled, source.id))


@dataclass(frozen=True, slots=True)
class Enlisting:
    """Notes what ``own`` lists, with others where they reach it, and else with itself."""

    store: Store
    own: Source
    others: Sequence[Source]
    forgotten: bool = False
    """Take objects, too, that are older than the source that reaches them remembers."""
    real: Real = posixpath.normpath

    async def note(self, page: Sequence[Listed], so_far: Enlisted) -> None:
        """Note a page of a listing, in one transaction."""
        async with self.store.write() as unit:
            owners, forgotten = await self._owners(unit, page)
            added = {}
            for source, listed in owners:
                # a floor that rose meanwhile keeps out what it must
                added[source.name] = await unit.sources.add(source, listed)
                forgotten += len(listed) - added[source.name]
        so_far.listed += len(page)
        so_far.bytes += sum(one.size for one in page)
        so_far.forgotten += forgotten
        for name, number in added.items():
            so_far.added[name] = so_far.added.get(name, 0) + number

    async def _owners(
        self, unit: Unit, page: Sequence[Listed]
    ) -> tuple[list[tuple[Source, list[Listed]]], int]:
        """Return what each source is to take, and how many none may."""
        left = {one.key: (self.own, one) for one in page}
        old: set[str] = set()
        for source in (*self.others, self.own):
            reached = self._reached(source, page)
            mine = list(reached.values())
            new = {one.key for one in await unit.sources.unknown(source, mine, old=True)}
            young = {one.key for one in await unit.sources.unknown(source, mine)}
            for key, one in reached.items():
                if one.key not in new:
                    left.pop(key, None)
                elif one.key not in young:
                    old.add(key)
                elif key in left and left[key][0] is self.own:
                    left[key] = source, one
        shares: dict[int, tuple[Source, list[Listed]]] = {}
        passed = set() if self.forgotten else old & left.keys()
        for key, (source, one) in left.items():
            if key not in passed:
                shares.setdefault(source.id, (source, []))[1].append(one)
        return list(shares.values()), len(passed)

    def _reached(self, source: Source, page: Sequence[Listed]) -> dict[str, Listed]:
        """Return what a source reaches of a page as it would list it, by the keys on the page."""
        if source is self.own:
            return {one.key: one for one in page}
        spots = ((one.key, spot_of(self.own, one.key, self.real)) for one in page)
        keys = {key: key_in(source, spot, self.real) for key, spot in spots}
        return {one.key: replace(one, key=key) for one in page if (key := keys[one.key])}
