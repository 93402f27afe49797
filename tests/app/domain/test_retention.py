"""How long history is kept: what contradicts itself, and which moments are due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.retention import Cutoffs, Retention, cutoffs, faults_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = st.integers(1, 3660).map(lambda days: days * DAY)


def test_what_is_usual_contradicts_nothing() -> None:
    assert faults_of(Retention(), 30 * DAY) == []


@pytest.mark.parametrize(
    ("retention", "names"),
    [
        (Retention(panes=timedelta(hours=23)), ["panes"]),
        (Retention(windows=3_661 * DAY), ["windows"]),
        (Retention(panes=91 * DAY), ["hours", "distributions"]),
        (Retention(hours=731 * DAY), ["days"]),
        (Retention(days=731 * DAY), ["windows"]),
        (Retention(distributions=731 * DAY), ["windows"]),
    ],
)
def test_the_fault_is_where_it_is(retention: Retention, names: list[str]) -> None:
    found = [fault.pointer for fault in faults_of(retention, DAY)]
    assert found == [f"/retention/{name}_days" for name in names]


def test_windows_that_can_be_restated_are_not_removed() -> None:
    (fault,) = faults_of(Retention(), 731 * DAY)
    assert fault.pointer == "/retention/windows_days"


@given(st.tuples(DAYS, DAYS, DAYS, DAYS, DAYS), DAYS)
def test_what_is_finer_is_due_first(ages: tuple[timedelta, ...], final_after: timedelta) -> None:
    """Wherever nothing is at fault, nothing coarser is due before what it is made of."""
    retention = Retention(*sorted(ages[:2]), *sorted(ages[2:]))
    until = cutoffs(retention, final_after, NOW)
    assert until.panes <= NOW - final_after
    if not faults_of(retention, final_after):
        assert until.hours >= until.days >= until.windows
        assert until.distributions >= until.windows


def test_ages_reach_back_from_now() -> None:
    found = cutoffs(Retention(), 30 * DAY, NOW)
    days = (NOW - moment for moment in (found.panes, found.hours, found.distributions, found.days))
    assert [one.days for one in days] == [30, 90, 90, 730]
    assert isinstance(found, Cutoffs)
