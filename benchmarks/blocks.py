"""What each of the documents' tables shows."""

from collections.abc import Callable, Mapping

from benchmarks import churn, storage
from benchmarks.categories import CODES, ENCODING, LEVELS, TEXTS
from benchmarks.counting import AWKWARD
from benchmarks.findings import Found, Line, Table
from benchmarks.intake import blocks as intake
from benchmarks.intake.table import markdown
from benchmarks.markdown import duration, nanoseconds, table, times
from benchmarks.mixture import SHAPES
from benchmarks.pages import run as pages_run
from benchmarks.race_table import from_scratch, libraries, memory, stored
from benchmarks.targets import Load, reached

NOT_RUN = "Not measured yet."


def counting(load: Load) -> str:
    found = load("counting")
    if found is None:
        return NOT_RUN
    knots = [line.name for line in found.tables[0].lines if line.name.endswith("knots")]
    knots = [name for name in knots if not name.startswith("np")]
    head = ("float64", "ns a value", "our grid", *knots, "np.searchsorted, our grid")
    rows = []
    for shape in SHAPES:
        of = found[f"shape {shape}"]
        names = ("our grid", *knots, "np.searchsorted, our grid")
        rows.append((_cells(of), _ns(of["our grid"]), *(times(of.ratio(name)) for name in names)))
    for name in AWKWARD:
        of = found[f"awkward {name}"]
        shown = {"our grid": "", "1,024 dictated knots": ""}
        shown = {line: times(of.ratio(line)) for line in shown}
        rows.append((name, _ns(of["our grid"]), *(shown.get(each, "") for each in names)))
    return table(head, rows)


def threads(load: Load) -> str:
    return _plainly(load("counting"), "together")


def narrow(load: Load) -> str:
    found = load("counting")
    if found is None:
        return NOT_RUN
    tables = [found[f"float32 {shape}"] for shape in SHAPES]
    rows = [(t.title, _ns(t["our grid"]), times(t.ratio("our grid"))) for t in tables]
    return table(("float32", "ns a value", "x np.sum"), rows)


def types(load: Load) -> str:
    return _plainly(load("types"), "types")


def categories(load: Load) -> str:
    found = load("categories")
    if found is None:
        return NOT_RUN
    head = ("levels", "a pass over the codes, ns", "codes", "Arrow's encoding of texts", "texts")
    tables = ((levels, found[f"levels {levels}"]) for levels in LEVELS)
    rows = (
        (f"{levels:,}", _ns(of[of.base]), *(_ns(of[name]) for name in (CODES, ENCODING, TEXTS)))
        for levels, of in tables
    )
    return table(head, rows)


def growth(load: Load) -> str:
    found = load("growth")
    if found is None:
        return NOT_RUN
    rows = [
        (line.name, _ns(of[f"np.sum, {line.name}"]), _ns(line))
        for of in (found["rows"], found["columns"])
        for line in of.lines
        if not line.name.startswith("np.sum")
    ]
    return table(("", "np.sum, ns a value", "counting, ns a value"), rows)


def knots(load: Load) -> str:
    found = load("growth")
    if found is None:
        return NOT_RUN
    of = found["knots"]
    return table(
        ("", "ns a value", "x np.sum"),
        ((line.name, _ns(line), times(of.ratio(line.name))) for line in of.lines),
    )


def judging(load: Load) -> str:
    found = load("judging")
    if found is None:
        return NOT_RUN
    of = found["judging"]
    rows = [(line.name, duration(line.best)) for line in of.lines]
    rows += [(name, f"{figure:,.0f}") for name, figure in found.figures.items()]
    return table((of.title, ""), rows)


def starting(load: Load) -> str:
    found = load("starting")
    if found is None:
        return NOT_RUN
    rows = [(line.name, duration(line.best)) for line in found["starting"].lines]
    rows += [(name, f"{figure:,.0f}") for name, figure in found.figures.items()]
    return table(("a fresh process, kernels in the cache", ""), rows)


def _of(part: str, show: Callable[[Found], str]) -> Callable[[Load], str]:
    def block(load: Load) -> str:
        found = load(part)
        return NOT_RUN if found is None else show(found)

    return block


def targets(load: Load) -> str:
    rows = (
        (
            each.target.text,
            f"{'>=' if each.target.at_least else '<='} {each.target.limit:g} {each.target.unit}",
            "-" if each.found is None else f"{each.found:.3g} {each.target.unit}",
            each.verdict,
        )
        for each in reached(load)
    )
    return table(("", "target", "found", ""), rows)


def machine(load: Load) -> str:
    found = load("verdicts") or load("counting")
    if found is None:
        return NOT_RUN
    on = found.machine
    versions = ", ".join(
        f"{name} {on[name]}" for name in ("numpy", "numba", "scipy", "pyarrow", "polars", "duckdb")
    )
    return f"{on['cores']} cores of an {on['cpu']}, Python {on['python']}, {versions}."


BLOCKS: Mapping[str, Callable[[Load], str]] = {
    each.__name__: each
    for each in (
        categories,
        counting,
        from_scratch,
        growth,
        judging,
        knots,
        libraries,
        machine,
        memory,
        narrow,
        starting,
        stored,
        targets,
        threads,
        types,
    )
} | {
    "ingest": _of("ingest", markdown),
    "history": _of("history", intake.history),
    "replicas": _of("replicas", intake.replicas),
    "identities": _of("identities", intake.identities),
    "soak": _of("soak", intake.soak),
    "overload": _of("overload", intake.overload),
    "pages": _of("pages", pages_run.show),
    "storage_churn": _of("churn", churn.show),
    "storage_growth": _of("storage", storage.growth),
    "storage_sizes": _of("storage", storage.sizes),
    "storage_portions": _of("storage", storage.portions),
}


def _plainly(found: Found | None, key: str) -> str:
    if found is None:
        return NOT_RUN
    of = found[key]
    rows = ((line.name, _ns(line), times(of.ratio(line.name))) for line in of.lines)
    return table((of.title, "ns a value", f"x {of.base}"), rows)


def _ns(line: Line) -> str:
    return nanoseconds(line.best, line.values)


def _cells(of: Table) -> str:
    return of.title.replace(", float64, our grid of", ",")
