"""What became of the batches of one file."""

from dataclasses import dataclass, field

from app.send.part import Part
from app.send.post import Acknowledged, Outcome, Rejected


@dataclass
class Tally:
    """Counts of one file, kept while it is being sent."""

    name: str
    rows: int = 0
    counted: int = 0
    duplicate: int = 0
    late: int = 0
    skipped: int = 0
    """Rows that were acknowledged before by the journal's word, and not sent."""
    known: int = 0
    """Rows that were acknowledged before by the service's word."""
    rejected: int = 0
    refusals: list[Rejected] = field(default_factory=list)

    def skip(self, part: Part) -> None:
        """Count a batch that the journal knows."""
        self.rows += part.rows
        self.skipped += part.rows

    def add(self, outcome: Outcome) -> None:
        """Count a batch that the service answered."""
        self.rows += outcome.part.rows
        match outcome:
            case Rejected():
                self.rejected += outcome.part.rows
                self.refusals.append(outcome)
            case Acknowledged(replayed=True):
                self.known += outcome.part.rows
            case Acknowledged():
                self.counted += outcome.counted
                self.duplicate += outcome.duplicate
                self.late += outcome.late
