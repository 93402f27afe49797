"""What we promised ourselves, and what the results say about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.categories import CODES, ENCODING, LEVELS, PASS, TEXTS
from benchmarks.counting import AWKWARD, KNOTS
from benchmarks.findings import Found, Table
from benchmarks.intake import goals
from benchmarks.intake.contest import POSTGRES, TWO
from benchmarks.mixture import SHAPES
from benchmarks.pages import run as pages
from benchmarks.starting import ALL

Load = Callable[[str], Found | None]
DICTATED = tuple(f"{knots:,} dictated knots" for knots in KNOTS)
BIG = "1M x 50"
STORED, SCRATCH = "stored", "scratch"
PSIS = ("DuckDB PSI", "Polars PSI")


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: a figure out of a part's results is at most, or at least, a limit."""

    text: str
    part: str
    limit: float
    figure: Callable[[Found], float | None]
    at_least: bool = False
    unit: str = "x"


@dataclass(frozen=True, slots=True)
class Reached:
    """A target and what was found; `None` where its part was not run."""

    target: Target
    found: float | None

    @property
    def met(self) -> bool:
        if self.found is None:
            return False
        target = self.target
        return self.found >= target.limit if target.at_least else self.found <= target.limit

    @property
    def verdict(self) -> str:
        return "not run" if self.found is None else "met" if self.met else "missed"

    def __str__(self) -> str:
        target = self.target
        bound = f"{'>=' if target.at_least else '<='} {target.limit:g} {target.unit}"
        found = "-" if self.found is None else f"{self.found:.3g} {target.unit}"
        return f"{self.verdict:<8}{found:>12}  {bound:>12}  {target.text}"


def reached(load: Load) -> list[Reached]:
    parts: dict[str, Found | None] = {t.part: load(t.part) for t in TARGETS}
    return [
        Reached(t, None if (found := parts[t.part]) is None else t.figure(found)) for t in TARGETS
    ]


def _shapes(found: Found) -> list[Table]:
    return [found[f"shape {shape}"] for shape in SHAPES]


def _awkward(line: str) -> Callable[[Found], float]:
    return lambda found: max(found[f"awkward {name}"].ratio(line) for name in AWKWARD)


def _searched(line: str) -> Callable[[Found], float]:
    """np.searchsorted's time over a column of each shape, beside ours over as many values."""

    def figure(found: Found) -> float:
        sides = (f"np.searchsorted, {line}", line)
        search, ours = (
            sum(table[side].best / table[side].values for table in _shapes(found)) for side in sides
        )
        return search / ours

    return figure


def _searched_at_worst(*lines: str) -> Callable[[Found], float]:
    return lambda found: min(
        table.ratio(f"np.searchsorted, {line}", line) for table in _shapes(found) for line in lines
    )


def _more_than_a_pass(found: Found) -> float:
    """Nanoseconds a value that codes cost beyond the pass, at the worst number of levels."""
    tables = [found[f"levels {levels}"] for levels in LEVELS]
    return max((t[CODES].best - t[PASS].best) / t[CODES].values * 1e9 for t in tables)


def _texts(found: Found) -> float:
    return max(found[f"levels {levels}"].ratio(TEXTS, ENCODING) for levels in LEVELS)


def _growth(key: str, small: str, large: str) -> Callable[[Found], float]:
    return lambda found: found[key].ratio(large, small)


def _rival(form: str, *names: str, kind: str = STORED) -> Callable[[Found], float]:
    """The quickest of some rivals, from where `kind` says, beside us with a baseline stored."""

    def figure(found: Found) -> float:
        us = found[f"stored {BIG} {form}"]["Leeway"].best
        table = found[f"{kind} {BIG} {form}"]
        return min(table[name].best for name in names) / us

    return figure


def _peer(us: str, name: str = "", kind: str = STORED) -> Callable[[Found], float | None]:
    """A library beside us, the quickest by default; `None` where it did not run."""

    def figure(found: Found) -> float | None:
        ours = found["stored"][us].best
        others = (each for each in found[kind].lines if not each.name.startswith("Leeway"))
        times = [each.best for each in others if each.name.startswith(name)]
        return min(times) / ours if times else None

    return figure


_FORMS: Mapping[str, str] = {"coded": "codes", "plain": "texts"}


def _against_rivals(form: str) -> tuple[Target, ...]:
    given, ours = f"beside a verdict of {BIG}, {_FORMS[form]}", f"Leeway, {_FORMS[form]}"
    libraries = f"peers {BIG}".replace(" ", "_")
    cases = (
        ("the scipy loop", "verdicts", 60, _rival(form, "scipy loop")),
        ("a DuckDB or Polars PSI of two tables", "verdicts", 10, _rival(form, *PSIS, kind=SCRATCH)),
        ("that PSI, its reference counted before", "verdicts", 10, _rival(form, *PSIS)),
        ("the fastest library on two tables", libraries, 50, _peer(ours, kind=SCRATCH)),
        ("that library, its reference read before", libraries, 50, _peer(ours)),
        ("evidently", libraries, 500, _peer(ours, "evidently")),
    )
    return tuple(
        Target(f"{text}, {given}", part, limit, figure, at_least=True)
        for text, part, limit, figure in cases
    )


def _of_intake(service: str, who: str) -> tuple[Target, ...]:
    return (
        Target(
            f"durable rows/s of 10,000-row bodies beside decoding alone, worst format, {who}",
            "ingest",
            0.5,
            goals.of_decoding(10_000, service),
            at_least=True,
        ),
        Target(
            f"durable rows/s of 100-row bodies beside decoding alone, worst format, {who}",
            "ingest",
            0.6,
            goals.of_decoding(100, service),
            at_least=True,
        ),
        Target(
            f"durable one-row requests beside a route that only reads the body, {who}",
            "ingest",
            0.5,
            goals.of_reading(service),
            at_least=True,
        ),
    )


TARGETS = (
    Target("our grids, one thread, a table of all shapes: passes of np.sum", "counting", 3,
           lambda found: found["together"].ratio("our grids")),
    Target("our grids, two threads: the same", "counting", 2,
           lambda found: found["together"].ratio("our grids, two threads")),
    Target("our grid on the worst of six shapes", "counting", 3,
           lambda found: max(table.ratio("our grid") for table in _shapes(found))),
    Target("our grid on the worst of four awkward shapes", "counting", 3, _awkward("our grid")),
    Target("dictated knots on the worst of six shapes", "counting", 8,
           lambda found: max(t.ratio(name) for t in _shapes(found) for name in DICTATED)),
    Target("dictated knots on the worst of four awkward shapes", "counting", 8,
           _awkward("1,024 dictated knots")),
    Target("np.searchsorted beside our grids", "counting", 40,
           _searched("our grid"), at_least=True),
    Target("np.searchsorted beside 1,024 dictated knots", "counting", 20,
           _searched("1,024 dictated knots"), at_least=True),
    Target("the same two, on the worst shape", "counting", 20,
           _searched_at_worst("our grid", *DICTATED), at_least=True),
    Target("widest KS bracket of our grids", "verdicts", 0.002,
           lambda found: found.figures[f"widest KS bracket, {BIG}"], unit=""),
    Target("a value's cost at 10M rows beside 1M", "growth", 1.25,
           _growth("rows", "1,000,000 rows", "10,000,000 rows")),
    Target("a value's cost in ten columns beside three", "growth", 1.25,
           _growth("columns", "3 columns", "10 columns")),
    Target("codes, 10 to 100,000 levels: more than a pass over them", "categories", 0.6,
           _more_than_a_pass, unit="ns"),
    Target("plain texts beside Arrow's dictionary encoding", "categories", 1, _texts),
    *_against_rivals("coded"),
    *_against_rivals("plain"),
    Target("1,000 features x 100 windows of 256 cells from stored counts", "judging", 1,
           lambda found: found["judging"].lines[-1].best, unit="s"),
    Target("import of the core and warm start, after numpy, scipy and numba", "starting", 1,
           lambda found: sum(found["starting"][n].best for n in ("drift_core itself", "warm_up")),
           unit="s"),
    Target("the same from nothing", "starting", 1,
           lambda found: found["starting"][ALL].best, unit="s"),
    *_of_intake(POSTGRES, "one process"),
    *_of_intake(TWO, "two processes"),
    Target("SQLite's rows/s beside PostgreSQL's, worst of all", "ingest",
           0.5, goals.on_sqlite, at_least=True),
    Target("p99 of an answer at half the peak, worst of all", "ingest",
           100, goals.slowest_answers, unit="ms"),
    Target("rows/s on PostgreSQL with rows recognised by their ids", "identities",
           100_000, goals.recognising, at_least=True, unit="rows/s"),
    Target("bytes of a page, gzipped, with all that it needs", "pages", 60,
           lambda found: pages.worst(found, "kB"), unit="kB"),
    Target("requests of a page", "pages", 8,
           lambda found: pages.worst(found, "requests"), unit=""),
    Target("first paint of a page, median", "pages", 600,
           lambda found: pages.worst(found, "first paint ms"), unit="ms"),
    Target("p95 of a page's answer while 10,000 rows/s come in", "pages", 100,
           lambda found: pages.worst(found, "p95 ms"), unit="ms"),
    Target("processor time a row in the last tenth of 10M rows, 1,000 windows, beside the first",
           "history", 1.25, lambda found: found["cpu"].ratio("tenth 10")),
)  # fmt: skip
