"""What the documents show of ingest's parts besides the race."""

from benchmarks.findings import Found, Line, Table
from benchmarks.intake.identities import NOT_OFFERED
from benchmarks.intake.replicas import NAMES
from benchmarks.markdown import duration, table

MAIN_TABLES = 6


def history(found: Found) -> str:
    """Return the rates of the tenths, and the largest tables."""
    of, cpu = found["tenths"], found["cpu"]
    rates = table(
        ("10 million rows over 1,000 windows", "rows/s", "processor time a row, x the first"),
        ((line.name, _rate(line), f"{cpu.ratio(line.name):.2f}") for line in of.lines),
    )
    whole = "MB of the database"
    sizes = [(name, size) for name, size in found.figures.items() if name != whole]
    shown = [*sizes[:MAIN_TABLES], (whole, found.figures[whole])]
    return f"{rates}\n\n" + table(
        ("afterwards", "MB"),
        ((name.removeprefix("MB of "), f"{size:,.1f}") for name, size in shown),
    )


def replicas(found: Found) -> str:
    head = ("rows/s", *NAMES, "ratio")
    return table(
        head,
        (
            (of.title, *(_rate(of[name]) for name in NAMES), f"{1 / of.ratio(NAMES[1]):.2f}")
            for of in found.tables
        ),
    )


def identities(found: Found) -> str:
    if not found.tables:
        return NOT_OFFERED
    return table(
        ("Arrow, rows/s", "counted", "recognised by id", "of counted"),
        ((of.title, *_two(of)) for of in found.tables),
    )


def soak(found: Found) -> str:
    first, last = found["soak"].lines[0], found["soak"].lines[-1]
    rows = [(name, f"{figure:,.4g}") for name, figure in found.figures.items()]
    rows += [
        ("p50 of the first and the last tenth", f"{duration(first.best)}, {duration(last.best)}")
    ]
    return table(("a steady load", ""), rows)


def overload(found: Found) -> str:
    """Return what is known of each phase, and of all of them."""
    phases = dict.fromkeys(name.partition(",")[0] for name in found.figures if "," in name)
    kinds = dict.fromkeys(name.partition(", ")[2] for name in found.figures if "," in name)
    rows = [(kind, *(f"{found.figures[f'{p}, {kind}']:,.4g}" for p in phases)) for kind in kinds]
    whole = [name for name in found.figures if "," not in name]
    return (
        table(("", *phases), rows)
        + "\n\n"
        + "; ".join(f"{name}: {found.figures[name]:,.0f}" for name in whole)
    )


def _two(of: Table) -> tuple[str, str, str]:
    counted, recognised = of["counted"], of["recognised"]
    return _rate(counted), _rate(recognised), f"{1 / of.ratio('recognised'):.0%}"


def _rate(line: Line) -> str:
    return f"{float(f'{line.values / line.best:.3g}'):,.0f}"
