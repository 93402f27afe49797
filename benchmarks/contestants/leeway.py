"""Us: a stored baseline is a grid and counts, a verdict counts the current table and judges."""

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from benchmarks.contestants.arrow import column, read
from drift_core import (
    Coded,
    Column,
    Counts,
    Grid,
    GridSet,
    Texts,
    count_table,
    judge,
    reference,
    warm_up,
)

THREADS = 2


class Leeway:
    pool: Executor | None = None

    def __init__(self, folder: Path, form: str) -> None:
        warm_up()
        self.tables = [read(folder, side, form) for side in ("reference", "current")]

    def prepare(self) -> None:
        self.ref = {name: _counted(array) for name, array in self.tables[0].items()}
        self.grids = GridSet(tuple((name, counts.grid) for name, counts in self.ref.items()))
        self.bins = {name: counts.grid.bins(counts) for name, counts in self.ref.items()}

    def verdict(self) -> Mapping[str, object]:
        columns = self._columns()
        cur = self.grids.split(count_table(self.grids, columns, self.pool))
        self.found = judge(self.ref, cur, bins=self.bins)
        return {name: each.state.value for name, each in self.found.features.items()}

    def _columns(self) -> dict[str, Column]:
        return {name: column(array) for name, array in self.tables[1].items()}

    def widest_ks(self) -> float:
        """Return the widest gap between the bounds of KS, over the features of the last verdict."""
        shown = (each.estimates.get("ks") for each in self.found.features.values())
        return max(each.upper - each.lower for each in shown if each is not None)


class TwoThreads(Leeway):
    def __init__(self, folder: Path, form: str) -> None:
        super().__init__(folder, form)
        self.pool = ThreadPoolExecutor(THREADS)

    def _columns(self) -> dict[str, Column]:
        # encoding texts lets the interpreter's lock go, too
        adopted = self.pool.map(column, self.tables[1].values())
        return dict(zip(self.tables[1], adopted, strict=True))


def _counted(array: pa.Array) -> Counts:
    """Make a column's baseline; categorical levels are chosen by a pilot fifth."""
    ref = column(array)
    if isinstance(ref.values, Texts):
        return reference(ref.values, "categorical")[1]
    if ref.dictionary is not None:
        return reference(Coded(ref.values, ref.dictionary, ref.validity), "categorical")[1]
    return ref.count(Grid.numeric(array.drop_null().to_numpy()))
