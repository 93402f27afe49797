"""The shipped sample tells the story that the demo promises, by the core alone."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from app.demo.rehearsal import drifted_weeks
from app.demo.story import FIRST_WEEK, LAST_END, TIME, WEEK, WEEKS, Story, load, posts, tell, weeks
from app.domain.model import Settings
from app.domain.window import Progress, SourceProgress, closable


@pytest.fixture(scope="module")
def story() -> Story:
    return tell(load())


@pytest.fixture(scope="module", params=[b"leeway", b"another", b"a third"])
def drifted(story, request):
    return drifted_weeks(story, key=request.param)


def test_temperature_drifts_most_of_the_year(drifted):
    assert len(drifted["temp"]) >= 15


@pytest.mark.parametrize("feature", ["hour", "origin", "carrier"])
def test_the_schedule_does_not_drift(drifted, feature):
    assert len(drifted[feature]) <= 1


def test_distance_hardly_drifts(drifted):
    assert len(drifted["distance"]) <= 2


def test_a_year_that_repeats_the_winter_does_not_drift(story):
    """Negative control: weeks drawn from the reference itself raise next to nothing."""
    drawn = story.reference.sample(story.traffic.height, with_replacement=True, seed=1)
    winter = drawn.with_columns(story.traffic[TIME])
    again = drifted_weeks(Story(story.reference, winter, story.tail))
    judged = WEEKS * len(again)
    assert sum(len(found) for found in again.values()) <= 0.01 * judged


def test_weeks_are_those_the_service_makes(story):
    starts = [start for start, _ in weeks(story)]
    monday = datetime(1970, 1, 5, tzinfo=UTC)
    assert starts[0] == FIRST_WEEK
    assert len(starts) == WEEKS == 43
    assert {(start - monday) % WEEK for start in starts} == {timedelta()}
    assert sum(rows.height for _, rows in weeks(story)) == story.traffic.height


def test_every_week_has_enough_rows_to_judge(story):
    assert min(rows.height for _, rows in weeks(story)) > 350


def test_posts_are_in_order_and_end_after_the_last_week(story):
    sent = list(posts(story))
    times = pl.concat([post.rows for post in sent])[TIME]
    assert times.is_sorted()
    assert len({post.key for post in sent}) == len(sent)
    assert times.len() == story.traffic.height + story.tail.height
    assert times.max() >= LAST_END + timedelta(minutes=15)


def test_the_reference_ends_before_the_traffic_begins(story):
    assert story.reference.height > 5_000
    assert story.reference[TIME].max() < FIRST_WEEK <= story.traffic[TIME].min()


def test_what_follows_the_last_week_is_closed_by_silence_as_the_demo_says(story):
    """A quarter of an hour after its rows, since no row is of a time behind that week."""
    rows = story.tail[TIME]
    assert rows.dt.date().n_unique() >= 2
    assert rows.max() < LAST_END + WEEK
    came = datetime(2026, 1, 1, tzinfo=UTC)
    lateness = Settings().lateness
    for waited, closes in ((lateness - timedelta(seconds=1), False), (lateness, True)):
        heard = SourceProgress("http", rows.max(), came)
        progress = Progress((heard,), came + waited)
        assert closable(LAST_END + WEEK, lateness, progress) is closes
