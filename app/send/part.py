"""One batch of a file: some rows in the file's own format, and where they stood in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that are sent as one batch."""

    number: int
    """From 0."""
    first_row: int
    """Number of its first row in the file, from 0."""
    rows: int
    body: bytes
    media_type: str
    line: int | None = None
    """Line of its first row, from 1; None where rows have no lines of their own."""
    whole: bool = False
    """Whether it holds all rows of its file."""

    def place(self, row: int) -> str:
        """Say where a row of this batch stands in the file, for people."""
        spoken = f"row {self.first_row + row + 1}"
        return spoken if self.line is None else f"{spoken} (line {self.line + row})"
