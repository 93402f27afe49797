"""Receipts of batches, and what was refused."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from app.domain.batch import CountedBatch, Outcome, Receipt
from app.domain.rejection import RejectedSum, Rejection, RejectionQuery, StoredRejection


class Batches(Protocol):
    """Receipts and counts. ``commit`` is the only way in."""

    async def commit(self, group: Sequence[CountedBatch]) -> Sequence[Outcome]:
        """Write receipts, counts, tallies and open windows of a group; one outcome per batch.

        The whole group shares the transaction; any error means that nothing of it was written.
        """

    async def receipt(self, model_id: int, key: str) -> Receipt | None: ...


class Rejections(Protocol):
    """Refused batches: each leaves no receipt, and its key stays free."""

    async def add(self, group: Sequence[Rejection]) -> None:
        """Count refused batches and their rows, and describe the first of them in each minute.

        Those of models that are not there (any more) leave nothing.
        """

    async def page(
        self, query: RejectionQuery, before: int | None, limit: int
    ) -> Sequence[StoredRejection]:
        """Newest first, those with ids below ``before``."""

    async def get(self, model_id: int, rejection_id: int) -> StoredRejection | None: ...
    async def sums(self) -> Sequence[RejectedSum]:
        """How many batches were ever refused, by model and reason."""

    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` entries that are older; the counts of them stay."""
