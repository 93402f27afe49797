"""What became of the objects of a backfill, as far as this run knows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.sources.source import ObjectState
from app.steps.take import Taken

KEPT = 5


@dataclass
class Tally:
    """Counts, kept while a backfill runs."""

    objects: int = 0
    """Counted, or found to be counted before."""
    rows: int = 0
    counted: int = 0
    duplicate: int = 0
    late: int = 0
    quarantined: int = 0
    tries: int = 0
    """That failed for what may pass."""
    trouble: str = ""
    """Of the last one of them."""
    refused: list[Taken] = field(default_factory=list)
    """The first few that were quarantined."""

    @property
    def done(self) -> int:
        return self.objects + self.quarantined

    def add(self, taken: Iterable[Taken]) -> None:
        for one in taken:
            self._add(one)

    def _add(self, one: Taken) -> None:
        if one.verdict is None:
            self.objects += 1
        elif one.verdict.state is ObjectState.QUARANTINED:
            self.quarantined += 1
            self.refused += [one] if len(self.refused) < KEPT else []
        else:
            self.tries += 1
            self.trouble = one.verdict.detail
        if one.receipt is not None:
            self.rows += one.receipt.received
            self.counted += one.receipt.counted
            self.duplicate += one.receipt.duplicate
            self.late += one.receipt.late
