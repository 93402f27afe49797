"""Gaps among windows, and bodies that are fit to be shown."""

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.monitors.monitor import BASE_FRAME
from app.domain.telling.bodies import HIDDEN, LONGEST, readable
from app.domain.telling.operations import Gap, gaps
from app.domain.verdicts.judgement import WindowKey, WindowSummary
from app.domain.window import WindowStatus

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(at: int, rows: int = 10, expected: int | None = None) -> WindowSummary:
    start = START + HOUR * at
    key = WindowKey(1, "v", "", start=start, frame=BASE_FRAME)
    return WindowSummary(
        key=key,
        monitor="default",
        end=start + HOUR,
        status=WindowStatus.CLOSED,
        revision=1,
        rows=rows,
        state="ok",
        warning=False,
        page=False,
        reason=None,
        drifted=(),
        baseline=1,
        cause=None,
        judged_at=None,
        expected=expected,
    )


def test_whole_windows_one_after_the_other_have_no_gap() -> None:
    assert gaps([window(2), window(1, expected=10), window(0, expected=3)], HOUR) == ()
    assert gaps([], HOUR) == ()


def test_missing_rows_and_missing_windows_are_gaps() -> None:
    found = gaps([window(5), window(2, rows=4, expected=9), window(1)], HOUR)
    assert found == (
        Gap(START + 3 * HOUR, START + 5 * HOUR, 0, None, None),
        Gap(START + 2 * HOUR, START + 3 * HOUR, 4, 9, 5),
    )


def test_windows_that_overlap_leave_no_gap() -> None:
    assert gaps([window(1), window(1), window(0)], HOUR) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("token"), inner),
    max_leaves=20,
)


@given(JSON, st.text(st.characters(codec="utf-8"), min_size=8))
def test_no_token_is_readable_however_deep(document: object, secret: str) -> None:
    whole = {"data": [document, {"callback": {"token": "rtt_" + secret, "path": "/x"}}]}
    text = readable(json.dumps(whole).encode())
    shown = json.loads(text)
    assert shown["data"][1]["callback"] == {"token": HIDDEN, "path": "/x"}


def test_what_is_no_json_is_said_to_be_none() -> None:
    assert readable(b"\xff\x00") == "(2 bytes that are no JSON)"
    assert readable(b"[" * 100_000) == "(100000 bytes that are no JSON)"


def test_a_long_body_is_cut() -> None:
    text = readable(json.dumps("x" * (LONGEST + 100)).encode())
    assert len(text) < LONGEST + 100
    assert text.endswith("(102 characters more)")
