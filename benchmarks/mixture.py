"""The table that everybody is measured on: six shapes of numbers, texts of 2 to 1,000 levels.

Three of five columns are numeric. Every second column of the current table drifted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Rng = np.random.Generator
Draw = Callable[[Rng, int, float], np.ndarray]

LEVELS = (2, 7, 20, 200, 1_000)
SIDES = ("reference", "current")
MOVED = 0.35

# each moves by `d`, in a way that its shape may drift in
SHAPES: dict[str, Draw] = {
    "normal": lambda rng, n, d: rng.normal(d, 1, n),
    "lognormal": lambda rng, n, d: rng.lognormal(2 * d, 2, n),
    "zero-inflated": lambda rng, n, d: np.where(rng.random(n) < 0.7 - d, 0.0, rng.normal(size=n)),
    "5 % missing": lambda rng, n, d: np.where(rng.random(n) < 0.05, np.nan, rng.normal(d, 1, n)),
    "score": lambda rng, n, d: rng.beta(2 + 2 * d, 5, n),
    "counts": lambda rng, n, d: rng.poisson(4 + 2 * d, n).astype(np.float64),
}


@dataclass(frozen=True, slots=True)
class Feature:
    """A column to be: its shape, or how many levels it has, and whether it drifted."""

    name: str
    shape: str | None
    levels: int
    drifted: bool

    def draw(self, rng: Rng, rows: int, side: str) -> pa.Array:
        moved = MOVED if self.drifted and side == "current" else 0.0
        if self.shape is not None:
            return pa.array(SHAPES[self.shape](rng, rows, moved), from_pandas=True)
        share = 1 / np.arange(1, self.levels + 1) ** (1 + 2 * moved)
        codes = rng.choice(self.levels, rows, p=share / share.sum())
        names = pa.array([f"{self.name} level {i}" for i in range(self.levels)])
        return names.take(pa.array(codes))


def features(columns: int) -> tuple[Feature, ...]:
    """Say what each column is; `columns` is a multiple of five."""
    shapes, numeric = list(SHAPES), columns * 3 // 5
    numbers = (
        Feature(f"n{i}", shapes[i % len(shapes)], 0, _odd(i, len(shapes))) for i in range(numeric)
    )
    texts = (
        Feature(f"c{i}", None, LEVELS[i % len(LEVELS)], _odd(i, len(LEVELS)))
        for i in range(columns - numeric)
    )
    return (*numbers, *texts)


def write(folder: Path, rows: int, columns: int) -> None:
    """Write both tables as Parquet, one row group each, texts as plain strings."""
    for number, side in enumerate(SIDES):
        rng = np.random.default_rng(number)
        drawn = {f.name: f.draw(rng, rows, side) for f in features(columns)}
        pq.write_table(pa.table(drawn), folder / f"{side}.parquet", row_group_size=rows)


def _odd(place: int, kinds: int) -> bool:
    # every kind drifts in one of two turns, and so do neighbours
    return (place % kinds + place // kinds) % 2 == 1
