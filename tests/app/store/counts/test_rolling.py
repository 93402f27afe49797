"""Sums that roll on are those that gathering each window anew would give."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.monitors.frame import Frame
from app.domain.monitors.past import Left, PastWindow
from app.store.counts import encoding
from app.store.counts.rolling import roll

START, CELLS, QUARTER = datetime(2026, 3, 2, tzinfo=UTC), 5, timedelta(minutes=15)


class Stored(NamedTuple):
    """A stored sum as a row has it."""

    pane: datetime
    minutes: int
    number: int
    cells: int
    rows: int
    total: int
    counts: bytes


def stored(place: int, minutes: int, number: int, vector: list[int], lost: int = 0) -> Stored:
    counts = np.array(vector, np.int64)
    pane = START + place * timedelta(minutes=minutes)
    packed = encoding.pack(counts)
    return Stored(pane, minutes, number, CELLS, sum(vector), sum(vector) + lost, packed)


def inside(row: Stored, start: datetime, end: datetime) -> bool:
    return start <= row.pane and row.pane + timedelta(minutes=row.minutes) <= end


def touching(row: Stored, start: datetime, end: datetime) -> bool:
    return row.pane < end and row.pane + timedelta(minutes=row.minutes) > start


VECTORS = st.lists(st.integers(1, 9), min_size=CELLS, max_size=CELLS)
ROWS = st.lists(
    st.builds(
        stored,
        st.integers(0, 12),
        st.sampled_from([15, 15, 60]),
        st.sampled_from([1, 1, 1, 2]),
        VECTORS,
        st.sampled_from([0] * 9 + [1]),
    ),
    max_size=12,
)


@given(ROWS, st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4]))
def test_each_window_is_the_sum_of_what_lies_in_it(made: list[Stored], width: int, by: int) -> None:
    frame = Frame(width * max(by, 1) * QUARTER, by * QUARTER)
    starts = [START + at * frame.step for at in range(-2, 20)]
    rows: list[Any] = sorted(made, key=lambda row: row.pane)
    found = {one.start: one for one in roll(rows, [(one, one + frame.width) for one in starts])}
    for start in starts:
        end = start + frame.width
        here = [row for row in rows if touching(row, start, end)]
        assert (start in found) == bool(here)
        if start in found:
            whole = all(inside(row, start, end) for row in here)
            assert found[start].left is (None if whole else Left.MERGED)
            if whole:
                holds(found[start], here)


def holds(window: PastWindow, here: list[Stored]) -> None:
    gathered = window.gathered
    assert gathered.rows == sum(row.rows for row in here)
    if len({row.number for row in here}) > 1:
        assert (gathered.grid_set, gathered.vector, gathered.damaged) == (None, None, False)
    elif any(row.rows != row.total for row in here):
        assert (gathered.vector, gathered.damaged) == (None, True)
    else:
        total = sum(encoding.unpack(row.counts, CELLS) for row in here)
        assert gathered.grid_set == here[0].number
        assert gathered.vector is not None
        assert gathered.vector.tolist() == np.asarray(total).tolist()
