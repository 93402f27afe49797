"""The one way in: a group of batches becomes receipts, counts and tallies in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.batch import (
    Counted,
    CountedBatch,
    Gone,
    InFlight,
    Outcome,
    Receipt,
    Recount,
    Repeated,
    Reused,
)
from app.store import counting, locks, openings, receipts, tallies
from app.store import tables as t
from app.store.placing import Admitted, Placed, late_rows, place, slots
from app.store.receipts import Key, key_of, receipt_of
from app.store.session import Session


@dataclass(frozen=True, slots=True)
class _Draft:
    """A batch that may be written, with what its panes would do and the receipt it would get."""

    batch: CountedBatch
    placed: tuple[Placed, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Batches:
    """Receipts and counts. ``commit`` is the only way in."""

    session: Session

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write receipts, counts, tallies and open windows of a group; one outcome per batch.

        The locks come first, so that no window closes between looking at it and counting for it.
        """
        await locks.share(self.session, ((b.envelope.model_id, b.envelope.version) for b in group))
        models = await self._admitted({b.envelope.model_id for b in group})
        drafts = await self._drafts([b for b in group if _refusal(b, models) is None], models)
        written = await receipts.claim(
            self.session, {key: (d.batch, d.receipt) for key, d in drafts.items()}
        )
        await self._count([drafts[key] for key in sorted(written)], models)
        stored = await receipts.stored(self.session, drafts.keys() - written)
        outcomes = _outcomes(group, models, drafts, (written, stored))
        await tallies.add(self.session, zip(group, outcomes, strict=True))
        return outcomes

    async def receipt(self, model_id: int, key: str) -> Receipt | None:
        found = await receipts.stored(self.session, [(model_id, key)])
        return found[model_id, key][1] if found else None

    async def _admitted(self, model_ids: Iterable[int]) -> Mapping[int, Admitted]:
        c = t.model.c
        query = (
            select(c.id, c.active_grid_set_id, t.grid_set.c.cells, c.window, c.final_after)
            .outerjoin(t.grid_set, t.grid_set.c.id == c.active_grid_set_id)
            .where(c.id.in_(sorted(model_ids)), c.hidden_at.is_(None))
        )
        return {
            row.id: Admitted(row.active_grid_set_id, row.cells or 0, row.window, row.final_after)
            for row in await self.session.connection.execute(query)
        }

    async def _drafts(
        self, batches: Sequence[CountedBatch], models: Mapping[int, Admitted]
    ) -> dict[Key, _Draft]:
        """Return what would be written; of twins within the group, the first."""
        first: dict[Key, CountedBatch] = {}
        for batch in batches:
            first.setdefault(key_of(batch), batch)
        wanted = {
            slot
            for batch in first.values()
            for _, slot in slots(batch, models[batch.envelope.model_id].window)
        }
        windows = await openings.known(self.session, wanted)
        drafts: dict[Key, _Draft] = {}
        for key, batch in first.items():
            placed = place(batch, models[key[0]], windows, self.session.now)
            receipt = receipt_of(batch, late_rows(batch, placed))
            drafts[key] = _Draft(batch, placed, receipt)
        return drafts

    async def _count(self, drafts: Sequence[_Draft], models: Mapping[int, Admitted]) -> None:
        pairs = [(draft.batch, draft.placed) for draft in drafts]
        await openings.ensure_versions(self.session, pairs)
        await openings.open_windows(self.session, pairs, models)
        await openings.mark_restated(self.session, pairs)
        await openings.sight(self.session, pairs)
        await counting.add(self.session, pairs, models)


def _refusal(batch: CountedBatch, models: Mapping[int, Admitted]) -> Gone | Recount | None:
    model = models.get(batch.envelope.model_id)
    if model is None:
        return Gone()
    return None if model.grid_set_id == batch.grid_set else Recount()


def _outcomes(
    group: Sequence[CountedBatch],
    models: Mapping[int, Admitted],
    drafts: Mapping[Key, _Draft],
    settled: tuple[set[Key], Mapping[Key, tuple[bytes, Receipt]]],
) -> list[Outcome]:
    written, stored = settled
    outcomes: list[Outcome] = []
    counted: set[Key] = set()
    for batch in group:
        refused = _refusal(batch, models)
        key = key_of(batch)
        if refused is not None:
            outcomes.append(refused)
        elif key in written - counted:
            counted.add(key)  # the first of its twins in the group, so the one that was written
            outcomes.append(Counted(drafts[key].receipt))
        elif key in written:
            first = drafts[key]
            outcomes.append(_repeat(batch, first.batch.envelope.fingerprint, first.receipt))
        elif key in stored:
            outcomes.append(_repeat(batch, *stored[key]))
        else:
            outcomes.append(InFlight())
    return outcomes


def _repeat(batch: CountedBatch, fingerprint: bytes, receipt: Receipt) -> Repeated | Reused:
    return Repeated(receipt) if batch.envelope.fingerprint == fingerprint else Reused()
