"""PSI with numpy: deciles and np.histogram; Polars counts plain texts, where numpy has no way."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks.contestants.arrow import read
from benchmarks.contestants.psi import DECILES, psi


class Numpy:
    def __init__(self, folder: Path, form: str) -> None:
        self.tables = [
            {name: plain(array) for name, array in read(folder, side, form).items()}
            for side in ("reference", "current")
        ]

    def prepare(self) -> None:
        self.edges: dict[str, np.ndarray] = {}
        self.kept = {}
        for name, values in self.tables[0].items():
            if isinstance(values, np.ndarray):
                inner = np.unique(np.quantile(values[~np.isnan(values)], DECILES))
                self.edges[name] = np.concatenate(([-np.inf], inner, [np.inf]))
            self.kept[name] = self._counts(name, values)

    def verdict(self) -> Mapping[str, object]:
        current = self.tables[1].items()
        return {name: psi(self.kept[name], self._counts(name, values)) for name, values in current}

    def _counts(self, name: str, values: object) -> Mapping[object, int]:
        if isinstance(values, np.ndarray):
            bins = np.histogram(values[~np.isnan(values)], self.edges[name])[0]
            return dict(enumerate(bins.tolist()))
        return level_counts(values)


def plain(array: pa.Array) -> object:
    """Numbers as numpy has them, codes with their levels, texts as Polars has them."""
    if pa.types.is_dictionary(array.type):
        return array.indices.to_numpy(), array.dictionary.to_pylist()
    if pa.types.is_string(array.type):
        return pl.Series(values=array)
    return array.to_numpy(zero_copy_only=False)


def level_counts(values: object) -> Mapping[object, int]:
    if isinstance(values, pl.Series):
        return dict(values.value_counts().iter_rows())
    codes, levels = values
    found = np.bincount(codes, minlength=len(levels))
    return dict(zip(levels, found.tolist(), strict=True))
