"""evidently: the data drift preset with its own choice of methods."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from driver import CURRENT, REFERENCE, drive
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset


def load(folder: Path) -> list[Dataset]:
    frames = [pd.read_parquet(folder / name) for name in (REFERENCE, CURRENT)]
    numeric = [name for name in frames[0] if name.startswith("n")]
    texts = [name for name in frames[0] if name.startswith("c")]
    kinds = DataDefinition(numerical_columns=numeric, categorical_columns=texts)
    return [Dataset.from_pandas(frame, data_definition=kinds) for frame in frames]


def verdict(_kept: None, tables: list[Dataset]) -> dict[str, bool]:
    found = Report([DataDriftPreset()]).run(tables[1], tables[0]).dict()
    return dict(each for metric in found["metrics"] for each in drifted(metric))


def drifted(metric: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    config = metric.get("config", {})
    if not config.get("type", "").endswith("ValueDrift"):
        return
    value, threshold = metric["value"], config["threshold"]
    # a p-value below, a distance at or above its threshold
    below = "p_value" in config["method"]
    yield config["column"], bool(value < threshold if below else value >= threshold)


if __name__ == "__main__":
    drive("evidently", load, lambda _tables: None, verdict)
