"""What sending looks like: a bar where there is a terminal, and a table at the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from app.send.post import Declared
from app.send.tally import Tally

MOST_REFUSALS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """One file's line among the bars."""

    bars: Progress
    task: TaskID

    def show(self, done: float, tally: Tally, seconds: float) -> None:
        """Say how much of the file was read, and at which rate rows go."""
        rate = tally.rows / seconds if seconds > 0 else 0.0
        self.bars.update(
            self.task, completed=done, rows=f"{tally.rows:,} rows", rate=f"{rate:,.0f}/s"
        )


@contextmanager
def bars(console: Console, *, quiet: bool) -> Iterator[Progress]:
    """Show bars on a terminal, nothing elsewhere."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    off = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=off) as progress:
        yield progress


def begin(progress: Progress, name: str) -> Bar:
    """Add a file's bar."""
    return Bar(progress, progress.add_task(name, total=1.0, rows="", rate=""))


def table(tallies: Sequence[Tally]) -> Table:
    """Return what became of each file's rows."""
    names = ["file", "rows", "counted", "duplicate", "late", "known before", "rejected"]
    skipped = any(one.skipped for one in tallies)
    found = Table(*names, *(["skipped"] if skipped else []), box=None, pad_edge=False)
    for column in found.columns[1:]:
        column.justify = "right"
    for one in tallies:
        numbers = [one.rows, one.counted, one.duplicate, one.late, one.known, one.rejected]
        numbers += [one.skipped] if skipped else []
        found.add_row(escape(one.name), *(f"{number:,}" for number in numbers))
    return found


def untimed(model: str, declared: Declared) -> Iterator[str]:
    """Say which column may be the event time, where the model has none."""
    if declared.times:
        names = ", ".join(map(repr, declared.times))
        yield (
            f"model {model!r} has no time column: its rows count as of when they arrive. Times are "
            f"in {names}: if they say when a row happened, declare that column with the role "
            "timestamp (leeway export; role: timestamp; leeway apply) before rows are sent; where "
            "the baseline counts it already, declare another model"
        )


def refusals(tally: Tally) -> Iterator[str]:
    """Yield why batches were rejected, and where in the file."""
    for one in tally.refusals[:MOST_REFUSALS]:
        first, last = one.part.first_row + 1, one.part.first_row + one.part.rows
        yield f"{tally.name}: rows {first:,} to {last:,} were rejected: {one.detail}"
        yield from (f"  {place}" for place in one.places)
        if one.number is not None:
            yield f"  once mended, send these rows as a file with --sequence {one.number}"
    if len(tally.refusals) > MOST_REFUSALS:
        yield f"{tally.name}: and {len(tally.refusals) - MOST_REFUSALS} more batches"
