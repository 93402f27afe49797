"""Receipts and counts of batches. A group of them is the only way in."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.batch import CountedBatch, Outcome, Receipt
from app.store.intake import groups, receipts
from app.store.transactions import locks
from app.store.transactions.session import Ledger, Session


@dataclass(frozen=True, slots=True)
class Batches:
    """Receipts and counts. ``commit`` is the only way in."""

    session: Session

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write receipts, counts, tallies and open windows of a group; one outcome per batch.

        For those who have more to write in the same transaction; the store's own ``commit`` is
        faster.
        """
        return await self.session.run(_locked, group)

    async def receipt(self, model_id: int, key: str) -> Receipt | None:
        found = await self.session.run(receipts.stored, [(model_id, key)])
        return found[model_id, key][1] if found else None


def _locked(ledger: Ledger, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
    locks.share(ledger, ((b.envelope.model_id, b.envelope.version) for b in group))
    return groups.write(ledger, group)
