"""Figures that the targets ask of the race: shares at their worst over the formats."""

from collections.abc import Callable

from benchmarks.findings import Found, Table
from benchmarks.intake.contest import DECODE, READ, SERVICES
from benchmarks.intake.table import share

POSTGRES, SQLITE = SERVICES
Figure = Callable[[Found], float | None]


def of_decoding(rows: int) -> Figure:
    """The rate on PostgreSQL beside decoding alone, at the worst of all formats."""
    return lambda found: min(
        (share(table, POSTGRES, DECODE) for table in _sized(found, rows)), default=None
    )


def of_reading(found: Found) -> float | None:
    """One-row requests of JSON on PostgreSQL beside a route that only reads the body."""
    tables = (table for table in found.tables if table.key == "JSON rows x 1")
    return next((share(table, POSTGRES, READ) for table in tables), None)


def on_sqlite(found: Found) -> float | None:
    return min((share(table, SQLITE, POSTGRES) for table in found.tables), default=None)


def slowest_answers(found: Found) -> float | None:
    """The longest p99 at half the peak on PostgreSQL, in ms."""
    ends = f"{POSTGRES}, at half the peak, p99 ms"
    return max((f for name, f in found.figures.items() if name.endswith(ends)), default=None)


def recognising(found: Found) -> float | None:
    """Rows/s on PostgreSQL where rows are recognised by their ids, 10,000 in a body."""
    lines = [table["recognised"] for table in found.tables if table.key == f"{POSTGRES} x 10,000"]
    return next((line.values / line.best for line in lines), None)


def _sized(found: Found, rows: int) -> list[Table]:
    return [table for table in found.tables if table[DECODE].values == rows]
