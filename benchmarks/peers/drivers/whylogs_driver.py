"""whylogs: a profile of each table, and its drift scores with their default thresholds."""

from pathlib import Path

import pandas as pd
import whylogs
from driver import CURRENT, REFERENCE, drive
from whylogs.core import DatasetProfileView
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


def load(folder: Path) -> list[pd.DataFrame]:
    return [pd.read_parquet(folder / name) for name in (REFERENCE, CURRENT)]


def prepare(tables: list[pd.DataFrame]) -> DatasetProfileView:
    return whylogs.log(pandas=tables[0]).profile().view()


def verdict(kept: DatasetProfileView, tables: list[pd.DataFrame]) -> dict[str, bool]:
    view = whylogs.log(pandas=tables[1]).profile().view()
    scores = calculate_drift_scores(view, kept, with_thresholds=True)
    return {
        name: bool(score and score["drift_category"] == "DRIFT") for name, score in scores.items()
    }


if __name__ == "__main__":
    drive("whylogs", load, prepare, verdict)
