"""Nothing is lost and nothing appears: what a model received is what became of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """Rows of one model as three tables have them, read at one moment."""

    model: str
    received: int
    counted: int
    duplicate: int
    late: int
    rejected: int
    receipts: int
    """Rows counted according to the receipts that are still kept."""
    unbalanced: int
    """Receipts that do not add up in themselves."""
    held: int
    """Rows that the stored counts stand for."""
    removed: int = 0
    """Rows that counts stood for which retention removed."""

    def faults(self, *, all_receipts: bool = False) -> tuple[str, ...]:
        """Return what does not add up.

        ``all_receipts``: none was pruned yet, so that they must account for every row.
        """
        parts = self.counted + self.duplicate + self.late + self.rejected
        checks = {
            f"received {self.received}, but {parts} became of them": self.received == parts,
            f"counted {self.counted}, but {self.held} are held and {self.removed} were removed": (
                self.counted == self.held + self.removed
            ),
            f"counted {self.counted}, but receipts say {self.receipts}": (
                self.receipts == self.counted if all_receipts else self.receipts <= self.counted
            ),
            f"{self.unbalanced} receipts do not add up": self.unbalanced == 0,
        }
        return tuple(f"{self.model}: {fault}" for fault, holds in checks.items() if not holds)
