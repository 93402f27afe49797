"""The story's data: a model of the winter of 2013 meets the spring. Pure but for one file read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

TIME = "timestamp"
SCORE = "score"
MODEL = "flights"
FLIGHTS = Path(__file__).parent / "data" / "flights.parquet"

# March begins at midnight in New York, which is 05:00 UTC.
REFERENCE_END = datetime(2013, 3, 1, 5, tzinfo=UTC)
FIRST_WEEK = datetime(2013, 3, 4, tzinfo=UTC)
WEEK = timedelta(days=7)
WEEKS = 43
LAST_END = FIRST_WEEK + WEEKS * WEEK


@dataclass(frozen=True, slots=True)
class Story:
    """A reference, the traffic of whole weeks after it, and what follows the last of them.

    The tail (30 and 31 December) is what tells the service that the last week is over: its
    event times lie beyond the week's end.
    """

    reference: pl.DataFrame
    traffic: pl.DataFrame
    tail: pl.DataFrame

    @property
    def features(self) -> list[str]:
        return [name for name in self.reference.columns if name != TIME]


@dataclass(frozen=True, slots=True)
class Post:
    """The rows of one day, as one request sends them; the key makes a repeat harmless."""

    key: str
    rows: pl.DataFrame


def load(path: Path = FLIGHTS) -> pl.DataFrame:
    return pl.read_parquet(path)


def tell(flights: pl.DataFrame) -> Story:
    """Split flights by event time; those between the reference and the first week are unused."""
    time = pl.col(TIME)
    return Story(
        reference=flights.filter(time < REFERENCE_END),
        traffic=flights.filter((time >= FIRST_WEEK) & (time < LAST_END)),
        tail=flights.filter(time >= LAST_END),
    )


def weeks(story: Story) -> Iterator[tuple[datetime, pl.DataFrame]]:
    """Yield the start and the rows of each week, in order."""
    for number in range(WEEKS):
        start = FIRST_WEEK + number * WEEK
        yield start, story.traffic.filter(pl.col(TIME).is_between(start, start + WEEK, "left"))


def posts(story: Story) -> Iterator[Post]:
    """Yield everything after the reference in order of time, one post a day."""
    sent = pl.concat([story.traffic, story.tail]).sort(TIME, maintain_order=True)
    for (day,), rows in sent.group_by(pl.col(TIME).dt.date(), maintain_order=True):
        yield Post(key=f"{MODEL}-{day}", rows=rows)
