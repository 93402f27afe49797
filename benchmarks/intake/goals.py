"""Figures that the targets ask of the race: shares at their worst over the formats."""

from collections.abc import Callable

from benchmarks.findings import Found, Table
from benchmarks.intake.contest import DECODE, POSTGRES, READ, SERVICES, SQLITE
from benchmarks.intake.table import share

Figure = Callable[[Found], float | None]


def of_decoding(rows: int, service: str = POSTGRES) -> Figure:
    """A service's rate beside decoding alone, at the worst of all formats."""
    return lambda found: min(
        (share(table, service, DECODE) for table in _sized(found, rows)), default=None
    )


def of_reading(service: str = POSTGRES) -> Figure:
    """One-row requests of JSON beside a route that only reads the body."""

    def figure(found: Found) -> float | None:
        tables = (table for table in found.tables if table.key == "JSON rows x 1")
        return next((share(table, service, READ) for table in tables), None)

    return figure


def on_sqlite(found: Found) -> float | None:
    return min((share(table, SQLITE, POSTGRES) for table in found.tables), default=None)


def slowest_answers(found: Found) -> float | None:
    """The longest p99 at half the peak, in ms."""
    ends = tuple(f"{name}, at half the peak, p99 ms" for name in SERVICES)
    return max((f for name, f in found.figures.items() if name.endswith(ends)), default=None)


def recognising(found: Found) -> float | None:
    """Rows/s on PostgreSQL where rows are recognised by their ids, 10,000 in a body."""
    lines = [table["recognised"] for table in found.tables if table.key == f"{POSTGRES} x 10,000"]
    return next((line.values / line.best for line in lines), None)


def _sized(found: Found, rows: int) -> list[Table]:
    return [table for table in found.tables if table[DECODE].values == rows]
