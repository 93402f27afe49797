"""Statuses and ``Retry-After``."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets._answers import MAX_RETRY_AFTER, by_status, retry_after

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("999999999999999999999", 604_800),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("", None),
        ("soon", None),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),
        ("Sun Mar  1 12:02:00 2026", 120),
        ("Sun, 01 Mar 2026 14:02:00 +0200", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 604_800),
        ("Sun, 99 Mar 2026 12:02:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(value, NOW) == wanted


@given(st.text(max_size=60))
def test_nonsense_is_never_an_error(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or timedelta(0) <= wait <= MAX_RETRY_AFTER


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, None),
        (204, None),
        (302, "HTTP 302: redirects are not followed"),
        (410, "HTTP 410"),
        (503, "HTTP 503"),
    ],
)
def test_only_the_status_is_told(status: int, error: str | None) -> None:
    answer = by_status(httpx.Response(status, content=b"canary"), NOW)
    assert (answer.status, answer.error, answer.retry_after) == (status, error, None)


def test_the_wait_is_read_from_a_refusal() -> None:
    response = httpx.Response(429, headers={"Retry-After": "7"})
    assert by_status(response, NOW).retry_after == timedelta(seconds=7)
