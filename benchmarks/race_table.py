"""Whole verdicts side by side: those of this run, and the libraries' beside them."""

from collections.abc import Callable, Sequence

from benchmarks.findings import Found, Line
from benchmarks.markdown import duration, table, times
from benchmarks.targets import Load

SIZES = ("100k x 20", "1M x 50")
FORMS = ("plain", "coded")
WORDS = {"plain": "texts", "coded": "codes"}
OURS = ("Leeway", "Leeway, two threads", "np.sum")
_HEAD = tuple(f"{size}, {WORDS[form]}" for size in SIZES for form in FORMS)


def stored(load: Load) -> str:
    """Against a reference that was read before, times as multiples of ours."""
    return _race(load, "stored")


def from_scratch(load: Load) -> str:
    """From two tables, nothing read before."""
    return _race(load, "scratch")


def memory(load: Load) -> str:
    """The most that a process held, and how much more that is than its data."""
    rows: dict[str, list[str]] = {}
    for place, (size, form) in enumerate(_cells()):
        for line in (*_lines(load("verdicts"), f"stored {size} {form}"), *_peers(load, size, form)):
            row = rows.setdefault(line.name, [""] * len(_HEAD))
            row[place] = f"{line.peak_mb or 0:,.0f} (+{line.extra_mb or 0:,.0f})"
    return _rows("MB", rows)


def libraries(load: Load) -> str:
    """What the libraries flagged, and which did not run."""
    parts = ((size, load(_peers_part(size))) for size in SIZES)
    lines = []
    for size, found in parts:
        if found:
            lines += [f"- {size}: {note}." for note in found.notes]
            lines.append(f"- {size}: {_conditions(found)}.")
    return "\n".join(lines) or "Not measured yet."


def _conditions(found: Found) -> str:
    # a busy machine slows whoever had fewer rounds the most
    on = found.machine
    return f"{on['rounds']} round(s) a library, at a load of {on['load']} on {on['cores']} cores"


def _peers_part(size: str) -> str:
    return f"peers {size}".replace(" ", "_")


def _race(load: Load, kind: str) -> str:
    rows: dict[str, list[str]] = {}
    for place, (size, form) in enumerate(_cells()):
        here = _lines(load("verdicts"), f"{kind} {size} {form}")
        _fill(rows, place, here, lambda line: line.name == "Leeway", kind)
        ours = f"Leeway, {WORDS[form]}"
        there = _lines(load(_peers_part(size)), kind)
        _fill(rows, place, there, lambda line, ours=ours: line.name == ours, kind)
    return _rows("", rows)


def _fill(
    rows: dict[str, list[str]],
    place: int,
    lines: Sequence[Line],
    us: Callable[[Line], bool],
    kind: str,
) -> None:
    base = next((line.best for line in lines if us(line)), None)
    for line in lines:
        if base is None or (line.name.startswith("Leeway, ") and line.name not in OURS):
            continue
        if kind == "scratch" and line.name == "np.sum":
            continue
        row = rows.setdefault(line.name, [""] * len(_HEAD))
        row[place] = duration(line.best) if line.name == "Leeway" else times(line.best / base)


def _cells() -> list[tuple[str, str]]:
    return [(size, form) for size in SIZES for form in FORMS]


def _lines(found: Found | None, key: str) -> tuple[Line, ...]:
    tables = () if found is None else found.tables
    return next((each.lines for each in tables if each.key == key), ())


def _peers(load: Load, size: str, form: str) -> tuple[Line, ...]:
    if form != "plain":
        return ()
    lines = _lines(load(_peers_part(size)), "stored")
    return tuple(line for line in lines if not line.name.startswith("Leeway"))


def _rows(corner: str, rows: dict[str, list[str]]) -> str:
    bold = {"Leeway": "**Leeway**"}
    return table((corner, *_HEAD), ([bold.get(name, name), *row] for name, row in rows.items()))
