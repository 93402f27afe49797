"""What a backfill looks like: a bar on a terminal, else a line now and then, and a table."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table
from rich.text import Text

from app.backfill.order import Order
from app.backfill.tally import Tally
from app.steps.enlist import Enlisted

EVERY = 10.0


@dataclass
class Shown:
    """Says how far it has come."""

    console: Console
    bars: Progress | None
    """None: in lines, every ten seconds."""
    quiet: bool
    begun: float = field(default_factory=time.monotonic)
    _said: float = field(default_factory=time.monotonic)
    _bar: TaskID | None = None

    def listing(self, found: Enlisted) -> None:
        """Say how much has been listed."""
        self._say(f"listing: {found.listed:,} objects", 0, None)

    def counting(self, tally: Tally, waiting: int) -> None:
        """Say how much has been counted, and how many objects wait."""
        total = tally.done + waiting
        rate = tally.rows / max(1e-9, time.monotonic() - self.begun)
        text = f"{tally.done:,} of {total:,} objects, {tally.rows:,} rows, {rate:,.0f}/s"
        if tally.quarantined:
            text += f", {tally.quarantined:,} quarantined"
        self._say(text, tally.done, total)

    def note(self, text: str, style: str = "") -> None:
        """Say something that stays."""
        self.console.print(Text(text, style), soft_wrap=True)

    def _say(self, text: str, completed: int, total: int | None) -> None:
        if self.bars is not None:
            if self._bar is None:
                self._bar = self.bars.add_task(text)
            self.bars.update(self._bar, description=text, completed=completed, total=total)
        elif not self.quiet and time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            self.note(text)


@contextmanager
def shown(console: Console, *, quiet: bool) -> Iterator[Shown]:
    """Show a bar on a terminal, lines elsewhere, nothing where nothing is wanted."""
    if quiet or not console.is_terminal:
        yield Shown(console, None, quiet)
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        Remaining(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        yield Shown(console, bars, quiet)


def table(order: Order, found: Enlisted, tally: Tally) -> Table:
    """Return what became of the objects and their rows."""
    names = ("prefix", "objects", "size", "known before", "counted", "quarantined")
    made = Table(*names, "rows", "duplicate", "late", box=None, pad_edge=False)
    for column in made.columns[1:]:
        column.justify = "right"
    numbers = (found.known, tally.objects, tally.quarantined)
    rows = (tally.counted, tally.duplicate, tally.late)
    made.add_row(
        escape(order.url),
        f"{found.listed:,}",
        decimal(found.bytes),
        *(f"{number:,}" for number in (*numbers, *rows)),
    )
    return made


def refusals(tally: Tally) -> Iterator[str]:
    """Yield why objects were quarantined, the first few."""
    for one in tally.refused:
        if one.verdict is None:
            continue
        yield f"{one.claim.listed.key}: {one.verdict.code}: {one.verdict.detail}"
        for fault in one.verdict.faults[:3]:
            where = [] if fault.row is None else [f"row {fault.row + 1}"]
            where += [] if fault.field is None else [f"column {fault.field!r}"]
            yield "  " + ": ".join(filter(None, (", ".join(where), fault.detail)))
    if tally.quarantined > len(tally.refused):
        yield f"and {tally.quarantined - len(tally.refused):,} more"
