"""The retry schedule as a table, and what ends a delivery."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.alerts.delivery import SCHEDULE, Attempt, DeliveryState, Next, after

AT = datetime(2026, 3, 1, tzinfo=UTC)


def attempt(status: int | None, retry_after: float | None = None) -> Attempt:
    wait = None if retry_after is None else timedelta(seconds=retry_after)
    answered = status is not None and 200 <= status < 300
    error = None if answered else "failed"
    return Attempt(AT, status, error, timedelta(seconds=0), wait)


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [
        (1, 5),
        (2, 300),
        (3, 1_800),
        (4, 7_200),
        (5, 18_000),
        (6, 36_000),
        (7, 50_400),
        (8, 72_000),
        (9, 86_400),
    ],
)
def test_the_wait_after_each_failed_try(tries: int, seconds: int) -> None:
    shortest = after(attempt(500), tries, 0.0)
    longest = after(attempt(500), tries, 0.999_999)
    assert shortest == Next(DeliveryState.PENDING, AT + timedelta(seconds=seconds))
    assert longest.at is not None
    assert timedelta(seconds=seconds * 1.19) < longest.at - AT <= timedelta(seconds=seconds * 1.2)


def test_ten_tries_over_about_three_days() -> None:
    assert len(SCHEDULE) == 10
    assert SCHEDULE[0] == timedelta(0)
    assert timedelta(days=3) < sum(SCHEDULE, timedelta(0)) < timedelta(days=3.5)
    assert after(attempt(500), 10, 0.0) == Next(DeliveryState.DEAD, None)
    assert after(attempt(None), 11, 0.0) == Next(DeliveryState.DEAD, None)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_delivers(status: int) -> None:
    assert after(attempt(status), 1, 0.5) == Next(DeliveryState.DELIVERED, None)


@pytest.mark.parametrize("status", [None, 100, 199, 300, 301, 307, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_tried_again(status: int | None) -> None:
    outcome = after(attempt(status), 1, 0.0)
    assert outcome.state is DeliveryState.PENDING
    assert not outcome.disable_target


def test_a_wait_begins_when_the_try_has_ended() -> None:
    slow = Attempt(AT, None, "no answer", timedelta(seconds=15))
    assert after(slow, 1, 0.0).at == AT + timedelta(seconds=20)


def test_a_receiver_that_fails_behind_a_200_is_tried_again() -> None:
    refused = Attempt(AT, 200, "the run was not launched", timedelta(0))
    assert after(refused, 1, 0.0).state is DeliveryState.PENDING


def test_what_is_refused_for_good_is_not_tried_again() -> None:
    refused = Attempt(AT, 404, "there is no such DAG", timedelta(0), final=True)
    assert after(refused, 1, 0.0) == Next(DeliveryState.DEAD, None)


def test_a_conflict_with_our_own_earlier_try_is_a_success() -> None:
    there = Attempt(AT, 409, None, timedelta(0), run="rtr_1")
    assert after(there, 2, 0.0) == Next(DeliveryState.DELIVERED, None)


@pytest.mark.parametrize("tries", [1, 5, 10])
def test_gone_ends_it_and_disables_the_target(tries: int) -> None:
    assert after(attempt(410, 60), tries, 0.0) == Next(DeliveryState.DEAD, None, True)


@pytest.mark.parametrize(
    ("asked", "waits"), [(0, 300), (299, 300), (301, 301), (450, 450), (600, 600), (86_400, 600)]
)
def test_retry_after_is_held_between_once_and_twice_our_wait(asked: float, waits: float) -> None:
    assert after(attempt(429, asked), 2, 0.0).at == AT + timedelta(seconds=waits)


@given(
    st.none() | st.integers(100, 599),
    st.integers(1, 20),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.floats(0, 1e7),
)
def test_a_delivery_ends_or_is_due_later(status, tries, jitter, asked) -> None:
    outcome = after(attempt(status, asked), tries, jitter)
    if outcome.state is DeliveryState.PENDING:
        assert outcome.at is not None
        wait = SCHEDULE[tries]
        assert wait <= outcome.at - AT <= 2 * wait * 1.2
    else:
        assert outcome.at is None
    assert outcome.disable_target is (status == 410)
