"""Comparisons for the tests of reports: an ordinary one, and one with names that mean harm."""

import numpy as np
import polars as pl

from app.domain.batch import Table
from app.domain.telling.comparing import Wanted, compare, count_current, learn
from app.domain.telling.comparison import Comparison
from drift_core import Policy

ROWS = 2_000
MARKUP = '<script>alert("1")</script>'
HANDLER = "\"><img src=x onerror=alert('1')>"
TURN = "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe"
ARABIC = "السعر الإجمالي"
BROKEN = "two\nlines\x1b[31m"
RICH = "[bold red]loud[/]"
LONG = "y" * 1_000
TOO_LONG = "x" * 10_000
HOSTILE = (MARKUP, HANDLER, TURN, ARABIC, BROKEN, RICH, LONG, "🚗👩\N{ZERO WIDTH JOINER}🚀 car")


def compared(
    ref: dict[str, object], cur: dict[str, object], policy: Policy | None = None
) -> Comparison:
    frames = [pl.DataFrame(side) for side in (ref, cur)]
    then, now = (Table(frame.to_dict(), frame.height) for frame in frames)
    learned = learn(then, Wanted())
    names = ("then.csv", "now.csv")
    return compare(learned, count_current(learned, [now]), names, policy or Policy(), Wanted())


def ordinary() -> Comparison:
    """Size drifts, colour gets a new level, flat is constant, old is gone, tiny cannot be told."""
    rng = np.random.default_rng(4)

    def side(shift: float, colours: list[str]) -> dict[str, object]:
        return {
            "id": np.arange(ROWS),
            "size": rng.normal(shift, 1, ROWS),
            "calm": rng.normal(0, 1, ROWS),
            "colour": rng.choice(colours, ROWS),
            "flat": np.ones(ROWS),
        }

    ref = side(0, ["red", "blue"]) | {"old": np.arange(ROWS) % 7}
    return compared(ref, side(2, ["red", "green"]) | {"extra": np.ones(ROWS)})


def hostile() -> Comparison:
    rng = np.random.default_rng(5)

    def side(shift: float) -> dict[str, object]:
        columns = {name: rng.normal(shift, 1, ROWS) for name in HOSTILE}
        levels = rng.choice(
            [MARKUP, HANDLER, TURN], ROWS, p=[0.6 - shift / 4, 0.2, 0.2 + shift / 4]
        )
        return columns | {"level": levels, TOO_LONG: np.ones(ROWS)}

    return compared(side(0), side(1))


def calm() -> Comparison:
    rng = np.random.default_rng(6)
    ref, cur = ({"size": rng.normal(0, 1, ROWS)} for _ in range(2))
    return compared(ref, cur)


def few() -> Comparison:
    """Too few current rows for the bins of size; those of flag can be told with so few."""
    rng = np.random.default_rng(8)

    def side(rows: int) -> dict[str, object]:
        return {"size": rng.normal(0, 1, rows), "flag": rng.random(rows) < 0.5}

    return compared(side(ROWS), side(30))
