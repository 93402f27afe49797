"""Write the small CSV files of the README, from the demo's flights.

``python scripts/build_examples.py`` writes examples/reference.csv (flights of January and February)
and examples/batch.csv (the first week of July, and the Monday after it, which ends the week); and
examples/training.csv, the same rows with what is known of them later: whether the flight was late.
"""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from app.demo.story import TIME, load, tell

EXAMPLES = Path(__file__).parents[1] / "examples"
COLUMNS = [TIME, "carrier", "hour", "temp", "wind_speed"]
WEEK = (datetime(2013, 7, 1, tzinfo=UTC), datetime(2013, 7, 9, tzinfo=UTC))
EVERY = 3
LATE = 15
"""Minutes after which a departure counts as late; flights that never left are not learned from."""


def main() -> None:
    story = tell(load())
    time = pl.col(TIME)
    july = story.traffic.filter(time.is_between(*WEEK, closed="left"))
    known = july.filter(pl.col("dep_delay").is_not_null(), pl.col("temp", "wind_speed").is_finite())
    late = (pl.col("dep_delay") > LATE).cast(pl.Int8).alias("label")
    files = {
        "reference.csv": story.reference.gather_every(EVERY).select(COLUMNS),
        "batch.csv": july.select(COLUMNS),
        "training.csv": known.select(*COLUMNS, late),
    }
    EXAMPLES.mkdir(exist_ok=True)
    for name, rows in files.items():
        rows.write_csv(EXAMPLES / name, datetime_format="%Y-%m-%dT%H:%M:%SZ", float_precision=2)
        print(f"{EXAMPLES / name}: {rows.height} rows")


if __name__ == "__main__":
    main()
