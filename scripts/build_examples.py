"""Write the two small CSV files that the README sends, from the demo's flights.

``python scripts/build_examples.py`` writes examples/reference.csv (flights of January and February)
and examples/batch.csv (the first week of July, and the Monday after it, which ends the week).
"""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from app.demo.story import TIME, load, tell

EXAMPLES = Path(__file__).parents[1] / "examples"
COLUMNS = [TIME, "carrier", "hour", "temp", "wind_speed"]
WEEK = (datetime(2013, 7, 1, tzinfo=UTC), datetime(2013, 7, 9, tzinfo=UTC))
EVERY = 3


def main() -> None:
    story = tell(load())
    time = pl.col(TIME)
    files = {
        "reference.csv": story.reference.gather_every(EVERY),
        "batch.csv": story.traffic.filter(time.is_between(*WEEK, closed="left")),
    }
    EXAMPLES.mkdir(exist_ok=True)
    for name, rows in files.items():
        rows.select(COLUMNS).write_csv(
            EXAMPLES / name, datetime_format="%Y-%m-%dT%H:%M:%SZ", float_precision=2
        )
        print(f"{EXAMPLES / name}: {rows.height} rows")


if __name__ == "__main__":
    main()
