"""Small pieces of Markdown: tables, times and ratios in words."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table; the first column holds names, the others figures."""
    rule = ("---", *("---:" for _ in head[1:]))
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def times(ratio: float) -> str:
    if ratio >= 100:
        return f"{float(f'{ratio:.2g}'):,.0f} x"
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.1f} x"


def duration(seconds: float) -> str:
    number, unit = (seconds, "s") if seconds >= 1 else (seconds * 1e3, "ms")
    return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"


def nanoseconds(seconds: float, values: int) -> str:
    return f"{seconds / values * 1e9:.2f}"
