"""popmon: a stability report of ten days against the reference's histograms."""

from pathlib import Path

import pandas as pd
import popmon
from driver import CURRENT, REFERENCE, drive

DAYS = 10


def load(folder: Path) -> list[pd.DataFrame]:
    return [dated(pd.read_parquet(folder / name)) for name in (REFERENCE, CURRENT)]


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    day = pd.RangeIndex(len(frame)) * DAYS // len(frame)
    return frame.assign(date=pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"))


def verdict(_kept: None, tables: list[pd.DataFrame]) -> dict[str, bool]:
    report = popmon.df_stability_report(
        tables[1], reference=tables[0], time_axis="date", time_width="1d", reference_type="external"
    )
    lights = report.datastore["traffic_lights"]
    return {name: mostly_red(lights[name].filter(like="ref_")) for name in lights}


def mostly_red(days: pd.DataFrame) -> bool:
    """Whether most days have a red light in what is compared with the reference."""
    return bool((days == 2).any(axis=1).mean() > 0.5)


if __name__ == "__main__":
    drive("popmon", load, lambda _tables: None, verdict)
