"""nannyml: Kolmogorov-Smirnov and chi-squared, ten chunks a table."""

from pathlib import Path

import nannyml
import pandas as pd
from driver import CURRENT, REFERENCE, drive

CHUNKS = 10


def load(folder: Path) -> list[pd.DataFrame]:
    return [pd.read_parquet(folder / name) for name in (REFERENCE, CURRENT)]


def prepare(tables: list[pd.DataFrame]) -> nannyml.UnivariateDriftCalculator:
    texts = [name for name in tables[0] if name.startswith("c")]
    return nannyml.UnivariateDriftCalculator(
        column_names=list(tables[0]),
        treat_as_categorical=texts,
        continuous_methods=["kolmogorov_smirnov"],
        categorical_methods=["chi2"],
        chunk_number=CHUNKS,
    ).fit(tables[0])


def verdict(kept: nannyml.UnivariateDriftCalculator, tables: list[pd.DataFrame]) -> dict[str, bool]:
    found = kept.calculate(tables[1]).filter(period="analysis").to_df()
    methods = {"n": "kolmogorov_smirnov", "c": "chi2"}
    alerts = {name: found[name, methods[name[0]], "alert"] for name in tables[0]}
    return {name: bool(each.mean() > 0.5) for name, each in alerts.items()}


if __name__ == "__main__":
    drive("nannyml", load, prepare, verdict)
