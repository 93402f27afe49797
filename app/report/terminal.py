"""A comparison for the terminal: a sentence, a table worst first, and what it rests on."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.domain.model import Kind
from app.domain.telling.comparison import Compared, Comparison, reason, summary
from app.domain.telling.shape import Bar, shape
from app.report.figures import decimal, missing, p_value, verdict_of, word_of
from app.report.names import shown

STYLES = {
    "drift": "bold red",
    "warning": "yellow",
    "ok": "green",
    "unjudged": "dim",
    "error": "bold magenta",
}
BLOCKS, PLAIN = " ▁▂▃▄▅▆▇█", " .:-=+*#@"
NARROWEST_BARS, WIDEST_BARS = 10, 24
FIGURES = (("", 3), ("verdict", 10), ("PSI", 5), ("KS/V", 5), ("p adj", 6), ("missing", 9))
"""Columns of fixed width between the name and the histograms."""
RIGHT = ("PSI", "KS/V", "p adj", "missing")
NARROWEST_NAME = 8
ROOM = 66
"""Characters that all columns but the histograms take, a name of 20 among them."""
MOST_LISTED = 10
NAME = 24
"""Most characters of a name."""


def report(comparison: Comparison, width: int, *, plain: bool = False) -> RenderableType:
    """Return what is printed.

    Parameters
    ----------
    comparison
        What was found.
    width
        Characters of a line.
    plain
        Whether the terminal can show ASCII alone.
    """
    parts: list[RenderableType] = [
        Text(shown(summary(comparison), 2_000), style="bold"),
        Text(
            f"{shown(comparison.reference.name)} ({comparison.reference.rows:,} rows)  against  "
            f"{shown(comparison.current.name)} ({comparison.current.rows:,} rows)",
            style="dim",
        ),
        "",
        _table(comparison.features, width, PLAIN if plain else BLOCKS),
        *_changed(comparison.features),
        *_unjudged(comparison.features),
        *_columns(comparison),
        *_warned(comparison),
    ]
    return Group(*parts)


def _table(features: Sequence[Compared], width: int, blocks: str) -> Table:
    bars = min(WIDEST_BARS, max(NARROWEST_BARS, (width - ROOM) // 2))
    drawn = Table(box=SIMPLE_HEAD, padding=0, show_edge=False, pad_edge=False)
    name = max(NARROWEST_NAME, width - 2 * (bars + 1) - sum(w + 1 for _, w in FIGURES))
    longest = max((cell_len(shown(one.name, NAME)) for one in features), default=0)
    drawn.add_column("feature", no_wrap=True, overflow="ellipsis", width=min(name, max(longest, 7)))
    for title, wide in FIGURES:
        right = title in RIGHT
        drawn.add_column(title, width=wide, no_wrap=True, justify="right" if right else "left")
    drawn.add_column("reference", no_wrap=True, width=bars)
    drawn.add_column("current", no_wrap=True, width=bars)
    for one in features:
        drawn.add_row(*_row(one, bars, blocks))
    return drawn


def _row(one: Compared, bars: int, blocks: str) -> list[Text]:
    verdict = verdict_of(one)
    before, after = histograms(shape(one.reference, one.current, bars), blocks)
    return [
        Text(shown(one.name, NAME)),
        Text("num" if one.kind is Kind.NUMERIC else "cat", style="dim"),
        Text(word_of(verdict), style=STYLES[verdict]),
        Text(decimal(one.psi)),
        Text(decimal(one.distance)),
        Text(p_value(one.verdict.p_adjusted)),
        Text(missing(one)),
        Text(before, style="dim"),
        Text(after),
    ]


def histograms(bars: Iterable[Bar], blocks: str = BLOCKS) -> tuple[str, str]:
    """Return a column's two histograms on one scale; what is there at all never looks empty."""
    values = [bar for bar in bars if bar.kind not in ("missing", "invalid")]
    pairs = [(bar.reference or 0.0, bar.current or 0.0) for bar in values]
    top = max((max(pair) for pair in pairs), default=0.0) or 1.0
    steps = len(blocks) - 1

    def draw(shares: Iterable[float]) -> str:
        return "".join(blocks[max(round(steps * s / top), 1) if s else 0] for s in shares)

    return draw(pair[0] for pair in pairs), draw(pair[1] for pair in pairs)


def _changed(features: Iterable[Compared]) -> Iterable[RenderableType]:
    lines = [
        _line(one.name, "; ".join(one.changes))
        for one in features
        if verdict_of(one) in ("drift", "warning") and one.changes
    ]
    yield from _listed("What changed", lines)


def _unjudged(features: Iterable[Compared]) -> Iterable[RenderableType]:
    lines = [
        _line(one.name, reason(one.verdict.reason))
        for one in features
        if verdict_of(one) in ("unjudged", "error")
    ]
    yield from _listed("Not judged", lines)


def _columns(comparison: Comparison) -> Iterable[RenderableType]:
    sides = [_line(name, "in the reference only") for name in comparison.only_reference]
    sides += [_line(name, "in the current rows only") for name in comparison.only_current]
    yield from _listed("Columns on one side only", sides)
    left = [_line(one.name, one.reason) for one in comparison.not_compared]
    yield from _listed("Columns that were not compared", left)


def _warned(comparison: Comparison) -> Iterable[RenderableType]:
    lines = [_line(one.feature or "all rows", one.message) for one in comparison.warnings]
    yield from _listed("Warnings about the reference", lines)


def _listed(title: str, lines: Sequence[tuple[Text, Text]]) -> Iterable[RenderableType]:
    if lines:
        yield Text(f"\n{title}", style="bold")
        drawn = Table.grid(padding=(0, 2))
        drawn.add_column(max_width=NAME)
        drawn.add_column(overflow="fold")
        for line in lines[:MOST_LISTED]:
            drawn.add_row(*line)
        yield Padding(drawn, (0, 0, 0, 2))
    if len(lines) > MOST_LISTED:
        more = f"  and {len(lines) - MOST_LISTED} more; --json has all"
        yield Text(more, style="dim")


def _line(name: str, said: str) -> tuple[Text, Text]:
    return Text(shown(name, NAME), no_wrap=True, overflow="ellipsis"), Text(shown(said, 400))
