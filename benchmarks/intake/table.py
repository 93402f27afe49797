"""The race as a table: rows/s, shares of decoding alone, and percentiles."""

from collections.abc import Sequence

from benchmarks.findings import Found, Table
from benchmarks.intake.contest import DECODE, POSTGRES, READ, SERVICES, TWO
from benchmarks.markdown import table

ON_POSTGRES = (POSTGRES, TWO)
HEAD = (
    "format x rows a request",
    "body read, rows/s",
    "decoded, rows/s",
    *(text for name in SERVICES for text in (f"{name}, rows/s", "of decoded")),
    *(f"one request of body read, {name}" for name in ON_POSTGRES),
    *(f"{name}: p50, p99 ms at half the peak" for name in SERVICES),
)


def share(of: Table, name: str, base: str) -> float:
    """How much of the base's rate the name's is, both at their fastest turn."""
    return of[base].best / of[name].best


def rows_per_second(of: Table, name: str) -> float:
    return of[name].values / of[name].best


def lines(found: Found) -> list[Sequence[str]]:
    return [_cells(found, of) for of in found.tables]


def markdown(found: Found) -> str:
    return table(HEAD, lines(found))


def show(found: Found) -> str:
    """Return the table for a terminal: the same, with columns of one width."""
    cells = [HEAD, *lines(found)]
    widths = [max(len(row[place]) for row in cells[1:]) for place in range(len(HEAD))]
    head = [f"{n}: {text}" for n, text in enumerate(HEAD)]
    body = [
        "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True))
        for row in cells[1:]
    ]
    busy = [f"{n}: {f:.2f}" for n, f in found.figures.items() if n.startswith("generator")]
    return "\n".join([*head, "", *body, "", *busy])


def _cells(found: Found, of: Table) -> Sequence[str]:
    ours = [
        text for name in SERVICES for text in (_rate(of, name), f"{share(of, name, DECODE):.0%}")
    ]
    one = of[READ].values == 1
    small = (f"{share(of, name, READ):.0%}" if one else "" for name in ON_POSTGRES)
    return (
        of.title,
        _rate(of, READ),
        _rate(of, DECODE),
        *ours,
        *small,
        *(_latency(found, of, name) for name in SERVICES),
    )


def _rate(of: Table, name: str) -> str:
    return f"{float(f'{rows_per_second(of, name):.3g}'):,.0f}"


def _latency(found: Found, of: Table, name: str) -> str:
    p50, p99 = (
        found.figures[f"{of.key}, {name}, at half the peak, {p} ms"] for p in ("p50", "p99")
    )
    return f"{p50:.1f}, {p99:.0f}"
