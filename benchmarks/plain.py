"""Tables as text for a terminal."""

from benchmarks.findings import Found, Line, Table

_WIDTH = 40


def show(found: Found) -> str:
    parts = ["  ".join(f"{name} {text}" for name, text in found.machine.items())]
    parts += [_table(table) for table in found.tables]
    parts += found.notes
    parts += [f"{name}: {figure:.4g}" for name, figure in found.figures.items()]
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    head = f"{table.title}\n{'':<{_WIDTH}}{'fastest':>12}{'median':>12}  x {table.base}"
    return "\n".join([head, *(_line(table, line) for line in table.lines)])


def _line(table: Table, line: Line) -> str:
    memory = (
        "" if line.peak_mb is None else f"   peak {line.peak_mb:,.0f} MB (+{line.extra_mb:,.0f})"
    )
    times = f"{each(line, line.best):>12}{each(line, line.median):>12}"
    return f"{line.name:<{_WIDTH}}{times}{table.ratio(line.name):>12.2f}{memory}"


def each(line: Line, seconds: float) -> str:
    """A time a value where it went over some, else a time."""
    if line.values:
        return f"{seconds / line.values * 1e9:,.2f} ns"
    return f"{seconds:,.2f} s" if seconds >= 10 else f"{seconds * 1e3:,.1f} ms"
