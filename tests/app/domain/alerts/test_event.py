"""Event bodies, judged by the CloudEvents package."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from app.domain.alerts.event import CONTENT_TYPE, FIRING, RESOLVED, TEST, Event, make_event, rfc3339

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=8,
)


def event(data: dict[str, object], type_: str = FIRING) -> Event:
    return make_event(
        "evt_1",
        type_,
        source="/leeway",
        subject="flights/v1/default",
        time=NOW,
        ordering="alert/1",
        data=data,
    )


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), values, max_size=4))
def test_the_package_reads_what_we_write(data: dict[str, object]) -> None:
    made = event(data)
    read = from_http_event(HTTPMessage({"content-type": CONTENT_TYPE}, made.body), JSONFormat())
    assert read.get_id() == "evt_1"
    assert read.get_type() == FIRING
    assert read.get_source() == "/leeway"
    assert read.get_subject() == "flights/v1/default"
    assert read.get_specversion() == "1.0"
    assert read.get_time() == NOW
    assert read.get_datacontenttype() == "application/json"
    assert read.get_data() == data


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_no_event_holds_what_json_has_not(bad: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        event({"value": bad})


def test_the_body_is_fixed_and_compact() -> None:
    made = event({"feature": "tempé/°F"})
    assert made.body == event({"feature": "tempé/°F"}).body
    assert "tempé/°F".encode() in made.body
    assert b": " not in made.body
    assert len(json.loads(made.body)) == 8


def test_types_are_versioned() -> None:
    assert all(t.startswith("io.leeway.") and t.endswith(".v1") for t in (FIRING, RESOLVED, TEST))


def test_times_are_utc_with_z() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert rfc3339(there) == rfc3339(NOW) == "2026-03-01T12:00:00.250000Z"
    assert rfc3339(NOW.replace(microsecond=0)) == "2026-03-01T12:00:00Z"
