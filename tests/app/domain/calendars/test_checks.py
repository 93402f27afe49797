"""Declarations of a calendar that cannot be used name their member and a way out."""

from datetime import date, timedelta

import pytest

from app.domain.calendars.checks import check_exclusion
from app.domain.calendars.exclusion import Exclusion

HOUR = timedelta(hours=1)
DAY = date(2026, 12, 24)


@pytest.mark.parametrize(
    "one",
    [
        Exclusion(cron="0 22 * * FRI", span=8 * HOUR, zone="Europe/Berlin"),
        Exclusion(cron="*/15 0-5 1,15 * *", span=timedelta(minutes=1)),
        Exclusion(on=DAY),
        Exclusion(first=DAY, last=DAY + timedelta(days=365)),
        Exclusion(country="DE"),
        Exclusion(country="US", subdivision="CA", zone="America/Los_Angeles"),
    ],
)
def test_what_can_be_used(one: Exclusion) -> None:
    assert list(check_exclusion(one, "/exclude/0")) == []


@pytest.mark.parametrize(
    ("one", "member", "words"),
    [
        (Exclusion(), "", "one of"),
        (Exclusion(on=DAY, country="DE"), "", "one of"),
        (Exclusion(on=DAY, zone="Europe"), "/timezone", "Europe/Berlin"),
        (Exclusion(on=DAY, zone="../etc/passwd"), "/timezone", "time zone"),
        (Exclusion(on=DAY, span=HOUR), "/for", "`cron` only"),
        (Exclusion(on=DAY, subdivision="BE"), "/subdivision", "`country` only"),
        (Exclusion(cron="0 22 * *", span=HOUR), "/cron", "five fields"),
        (Exclusion(cron="0 0 22 * * 5", span=HOUR), "/cron", "five fields"),
        (Exclusion(cron="0 22 * * 9", span=HOUR), "/cron", "bad day-of-week"),
        (Exclusion(cron="0 0 30 2 *", span=HOUR), "/cron", "bad day-of-month"),
        (Exclusion(cron="*/10 0 * * *", span=HOUR), "/cron", "4 times an hour"),
        (Exclusion(cron="0 0 */31 2 1#5", span=HOUR), "/cron", "never"),
        (Exclusion(cron="0,0 " * 40, span=HOUR), "/cron", "five fields"),
        (Exclusion(cron="0 0 * * *", span=timedelta(seconds=30)), "/for", "from 1m"),
        (Exclusion(cron="0 0 * * *", span=timedelta(days=8)), "/for", "to 7d"),
        (Exclusion(cron="0 0 * * *"), "/for", "needed"),
        (Exclusion(first=DAY), "/to", "needed"),
        (Exclusion(last=DAY), "/from", "needed"),
        (Exclusion(first=DAY, last=date(2026, 12, 23)), "/to", "before"),
        (Exclusion(first=DAY, last=DAY + timedelta(days=366)), "/to", "366"),
        (Exclusion(country="XX"), "/country", "ISO 3166"),
        (Exclusion(country="Germany"), "/country", "ISO 3166"),
        (Exclusion(country="DE", subdivision="CA"), "/subdivision", "BE"),
    ],
)
def test_what_cannot(one: Exclusion, member: str, words: str) -> None:
    (fault,) = check_exclusion(one, "/exclude/0")
    assert fault.pointer == f"/exclude/0{member}"
    assert words in fault.detail
