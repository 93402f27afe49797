from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import durations


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("15m", timedelta(minutes=15)),
        ("1h", timedelta(hours=1)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("90s", timedelta(seconds=90)),
        ("0m", timedelta(0)),
    ],
)
def test_parse_reads_a_number_and_a_unit(text: str, meant: timedelta) -> None:
    assert durations.parse(text) == meant


@pytest.mark.parametrize(
    "text",
    ["", "15", "m", "1.5h", "-1h", "1 h", "01h", "1H", "1y", "1h\n", "999999999d", "\u0661h"],
)
def test_parse_refuses_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match="whole number and a unit"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(days=7), "7d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=61), "61s"),
        (timedelta(0), "0s"),
    ],
)
def test_text_takes_the_largest_unit_that_divides(duration: timedelta, text: str) -> None:
    assert durations.text(duration) == text


@given(st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds)))
def test_text_is_read_back_as_the_same_duration(duration: timedelta) -> None:
    assert durations.parse(durations.text(duration)) == duration
