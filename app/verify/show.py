"""What a verification looks like: a bar, a table of verdicts, and each difference in a line."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from app.domain.alerts.event import rfc3339
from app.domain.verdicts.judgement import REFERENCE
from app.domain.verdicts.verifying import Difference, Outcome, Verification
from app.report.names import shown as plain
from app.verify.order import Order

MOST_LINES = 50
"""Verdicts in the table; those that differ come first, the rest is counted."""
MOST_DIFFERENCES = 20
"""Of one verdict."""
LONGEST = 200
STYLES = {
    Outcome.VERIFIED: "green",
    Outcome.DIFFERS: "red",
    Outcome.REMOVED: "yellow",
    Outcome.OTHER_TRAFFIC: "yellow",
}
WORDS = {
    Outcome.VERIFIED: "verified",
    Outcome.DIFFERS: "differs",
    Outcome.REMOVED: "counts removed by retention",
    Outcome.OTHER_TRAFFIC: "traffic was not kept then",
}
HEADS = ("verdict", "model", "version", "segment", "window", "rev", "monitor", "state", "result")


@dataclass
class Shown:
    """Keeps what is worth a line, and counts the rest."""

    order: Order
    bars: Progress
    counted: Counter[Outcome] = field(default_factory=Counter)
    failed: int = 0
    excused: int = 0
    other_code: int = 0
    bad: list[Verification] = field(default_factory=list)
    good: list[Verification] = field(default_factory=list)

    def add(self, found: Verification) -> None:
        """Take what came of one verdict."""
        self.bars.update(self.bars.task_ids[0], advance=1)
        self.counted[found.outcome] += 1
        self.other_code += found.other_code
        if found.outcome is Outcome.DIFFERS:
            excused = self.order.allow_other_code and found.excusable
            self.excused += excused
            self.failed += not excused
        kept = self.bad if found.outcome is Outcome.DIFFERS else self.good
        if len(kept) < MOST_LINES:
            kept.append(found)


@contextmanager
def shown(order: Order, total: int, out: Console, err: Console) -> Iterator[Shown]:
    """Show how far it has come, and at the end what came of it."""
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        bars.add_task("verifying", total=total)
        made = Shown(order, bars)
        yield made
    _tell(made, total, out)


def _tell(made: Shown, total: int, out: Console) -> None:
    lines = [*made.bad, *([] if made.order.quiet else made.good)][:MOST_LINES]
    if lines:
        out.print(_table(lines))
    for one in made.bad:
        for difference in one.differences[:MOST_DIFFERENCES]:
            out.print(Text(_line(one, difference), "red"), soft_wrap=True)
        more = len(one.differences) - MOST_DIFFERENCES
        if more > 0:
            out.print(f"verdict {one.given.id}: and {more} more", highlight=False)
    if not made.order.quiet or made.bad:
        out.print(_summary(made, total), highlight=False, soft_wrap=True)


def _table(lines: list[Verification]) -> Table:
    made = Table(*HEADS, box=None, pad_edge=False)
    for one in lines:
        given, key = one.given, one.given.window
        result = WORDS[one.outcome] + (
            f" (given by {given.revision.code_version})" if one.other_code else ""
        )
        made.add_row(
            str(given.id),
            given.model,
            key.version,
            Text(plain(key.segment, LONGEST)),
            rfc3339(key.start),
            str(given.revision.number),
            f"{given.monitor} v{given.revision.monitor_version}{_beside(given.comparison)}",
            given.revision.state,
            Text(plain(result, LONGEST), STYLES[one.outcome]),
        )
    return made


def _beside(comparison: str) -> str:
    return "" if comparison == REFERENCE else f" / {comparison}"


def _line(one: Verification, found: Difference) -> str:
    where = "" if found.feature is None else f"{plain(found.feature, LONGEST)!r} "
    values = (plain(_value(side), LONGEST) for side in (found.given, found.found))
    given, again = values
    return f"verdict {one.given.id}: {where}{found.what}: given {given}, found {again}"


def _value(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _summary(made: Shown, total: int) -> str:
    counts = [f"{made.counted[one]:,} {WORDS[one]}" for one in Outcome]
    gone = total - sum(made.counted.values())
    if gone > 0:
        counts.append(f"{gone:,} not there")
    text = f"{total:,} verdicts: {', '.join(counts)}."
    if made.other_code:
        text += f" {made.other_code:,} were given by another version of the program"
        text += f", of which {made.excused:,} differ and are let pass." if made.excused else "."
    return text
