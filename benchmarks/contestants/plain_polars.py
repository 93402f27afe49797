"""PSI with Polars: bin_intervals at the reference's deciles, value_counts; all cores."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from benchmarks.contestants.arrow import read
from benchmarks.contestants.psi import DECILES, psi


class Polars:
    def __init__(self, folder: Path, form: str) -> None:
        self.frames = [
            pl.DataFrame({name: pl.Series(values=each) for name, each in table.items()})
            for table in (read(folder, side, form) for side in ("reference", "current"))
        ]

    def prepare(self) -> None:
        self.edges = {
            column.name: sorted({column.quantile(q, "linear") for q in DECILES})
            for column in self.frames[0]
            if column.dtype.is_numeric()
        }
        self.kept = {column.name: self._counts(column) for column in self.frames[0]}

    def verdict(self) -> Mapping[str, object]:
        return {
            column.name: psi(self.kept[column.name], self._counts(column))
            for column in self.frames[1]
        }

    def _counts(self, column: pl.Series) -> Mapping[object, int]:
        if column.name in self.edges:
            column = column.drop_nulls().bin_intervals(self.edges[column.name], labels=False)
        return dict(column.value_counts().iter_rows())
