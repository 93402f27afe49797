"""alibi-detect: TabularDrift, feature by feature; texts as codes, which is all that it takes."""

from pathlib import Path

import numpy as np
import pandas as pd
from alibi_detect.cd import TabularDrift
from driver import CURRENT, REFERENCE, drive

Given = tuple[list[str], list[np.ndarray]]


def load(folder: Path) -> Given:
    frames = [pd.read_parquet(folder / name) for name in (REFERENCE, CURRENT)]
    for name in frames[0].columns:
        if name.startswith("c"):
            levels = pd.concat([frame[name] for frame in frames]).astype("category").cat.categories
            for frame in frames:
                frame[name] = pd.Categorical(frame[name], levels).codes
    return list(frames[0].columns), [frame.to_numpy(np.float64) for frame in frames]


def prepare(given: Given) -> TabularDrift:
    names, tables = given
    coded = {i: None for i, name in enumerate(names) if name.startswith("c")}
    return TabularDrift(tables[0], p_val=0.05, categories_per_feature=coded)


def verdict(kept: TabularDrift, given: Given) -> dict[str, bool]:
    names, tables = given
    found = kept.predict(tables[1], drift_type="feature")["data"]["is_drift"]
    return dict(zip(names, (bool(each) for each in found), strict=True))


if __name__ == "__main__":
    drive("alibi-detect", load, prepare, verdict)
