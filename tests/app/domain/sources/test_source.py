"""What names an object, which prefixes are listed, and what becomes of one that fails."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.errors import Fault
from app.domain.rejection import Reason
from app.domain.sources.source import (
    WAITS,
    Claim,
    Listed,
    ObjectState,
    Options,
    Source,
    Trouble,
    after_trouble,
    bucket_of,
    digest_of,
    prefixes,
    rejection,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SOURCE = Source(1, "m", "logs", "s3://bucket/a/b")
LISTED = Listed("a/b/c.csv", 10, NOW, '"e1"')


@pytest.mark.parametrize(
    ("source", "listed"),
    [
        (replace(SOURCE, name="other"), LISTED),
        (replace(SOURCE, url="s3://other/a/b"), LISTED),
        (replace(SOURCE, url="gs://bucket/a/b"), LISTED),
        (replace(SOURCE, options=Options(endpoint="https://example.com")), LISTED),
        (SOURCE, replace(LISTED, key="a/b/d.csv")),
        (SOURCE, replace(LISTED, etag='"e2"')),
        (SOURCE, replace(LISTED, size=11)),
        (SOURCE, replace(LISTED, version="v1")),
        (SOURCE, replace(LISTED, etag=None)),
    ],
)
def test_another_source_bucket_key_or_content_is_another_object(
    source: Source, listed: Listed
) -> None:
    assert digest_of(source, listed) != digest_of(SOURCE, LISTED)


def test_the_prefix_a_later_listing_and_what_is_mapped_make_no_other_object() -> None:
    same = replace(SOURCE, url="s3://bucket/a", columns={"x": "y"}, id=9)
    later = replace(LISTED, modified=NOW + timedelta(days=1))
    assert digest_of(same, later) == digest_of(SOURCE, LISTED)
    versioned = replace(LISTED, version="v1")
    assert digest_of(SOURCE, replace(versioned, etag="x")) == digest_of(SOURCE, versioned)


def test_dates_in_a_prefix_are_the_last_days_and_tomorrow() -> None:
    today = date(2026, 3, 1)
    assert prefixes("a/b", None, today) == ("a/b",)
    assert prefixes("a/dt={date}", 2, today) == (
        "a/dt=2026-03-02",
        "a/dt=2026-03-01",
        "a/dt=2026-02-28",
    )
    assert prefixes("{year}/{month}", 40, today) == ("2026/03", "2026/02", "2026/01")


def test_hints_are_held_against_what_comes_before_the_date() -> None:
    assert bucket_of("s3://bucket/a/b") == ("bucket", "a/b")
    assert bucket_of("s3://bucket/a/dt={date}/x") == ("bucket", "a/dt=")
    assert bucket_of("s3://bucket") == ("bucket", "")


def test_what_passes_is_tried_ten_times_over_hours() -> None:
    trouble = Trouble("unreachable", "away", passing=True)
    found = [after_trouble(trouble, tries, 0.0) for tries in range(1, 11)]
    assert [one.wait for one in found] == [*WAITS, None]
    assert [one.state for one in found] == [ObjectState.FOUND] * 9 + [ObjectState.QUARANTINED]
    assert timedelta(hours=7) < sum(WAITS, timedelta()) < timedelta(hours=9)
    assert after_trouble(trouble, 1, 1.0).wait == WAITS[0] * 1.2


def test_what_is_wrong_with_the_content_is_not_tried_again() -> None:
    found = after_trouble(Trouble("unreadable", "half", faults=(Fault("cut"),)), 1, 0.5)
    assert (found.state, found.wait, found.code) == (ObjectState.QUARANTINED, None, "unreadable")
    assert found.faults == (Fault("cut"),)


def test_only_what_is_wrong_with_the_content_is_a_rejection() -> None:
    claim = Claim(1, SOURCE, LISTED, 1, False)
    told = rejection(claim, Trouble("wrong-rows", "times", faults=(Fault("t", row=3),), rows=7))
    assert told is not None
    assert (told.reason, told.rows, told.source) == (Reason.INVALID, 7, "logs")
    assert told.key == LISTED.key
    assert rejection(claim, Trouble("gone", "it is gone")) is None
    assert rejection(claim, Trouble("unreachable", "away", passing=True)) is None
