"""Parts of a batch add up to the batch, in any cut and any order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import CountedBatch, Envelope, Findings, PaneCounts
from app.domain.counts.adding import add, size_of
from app.domain.sources.source import Staged
from app.store.counts.staging import packed, unpacked

START = datetime(2026, 3, 2, tzinfo=UTC)
ENVELOPE = Envelope(1, "k", b"f" * 16, "v", "s", True, START)


def batch(rows: list[tuple[int, int]], grid_set: int = 1) -> CountedBatch:
    """Rows as (pane, cell)."""
    panes = []
    for number in sorted({pane for pane, _ in rows}):
        cells, counts = np.unique([c for p, c in rows if p == number], return_counts=True)
        start = START + timedelta(minutes=15 * number)
        panes.append(PaneCounts("", start, int(counts.sum()), cells.astype(np.int64), counts))
    first, last = rows[0][0], rows[-1][0]
    return CountedBatch(
        ENVELOPE,
        grid_set,
        len(rows),
        tuple(panes),
        Findings({"x": len(rows)}, ("gone",), (f"new{first}",)),
        START + timedelta(hours=min(first, last)),
        START + timedelta(hours=max(first, last)),
    )


def plain(found: CountedBatch) -> dict[tuple[datetime, int], int]:
    return {
        (pane.pane, cell): count
        for pane in found.panes
        for cell, count in zip(pane.cells.tolist(), pane.counts.tolist(), strict=True)
    }


ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), min_size=1, max_size=40)


@given(ROWS, ROWS)
def test_parts_add_up_and_their_order_is_all_the_same(one: list, other: list) -> None:
    whole = batch(one + other)
    there, back = add(batch(one), batch(other)), add(batch(other), batch(one))
    assert plain(there) == plain(back) == plain(whole)
    assert there.rows == whole.rows == sum(pane.rows for pane in there.panes)
    assert there.findings.invalid == {"x": len(one) + len(other)}
    assert set(there.findings.unknown) == {f"new{one[0][0]}", f"new{other[0][0]}"}
    assert there.first_event == min(batch(one).first_event, batch(other).first_event)
    assert there.last_event == max(batch(one).last_event, batch(other).last_event)
    for pane in there.panes:
        assert (np.diff(pane.cells) > 0).all()


def test_grids_are_never_mixed() -> None:
    with pytest.raises(ValueError, match="grids"):
        add(batch([(1, 1)]), batch([(1, 1)], grid_set=2))


@given(ROWS)
def test_what_is_kept_half_done_comes_back_as_it_was(rows: list) -> None:
    made = batch(rows)
    back = unpacked(packed(Staged(7, made)))
    assert back.parts == 7
    assert plain(back.batch) == plain(made)
    assert replace(back.batch, panes=()) == replace(made, panes=())
    assert all(pane.counts.flags.writeable for pane in back.batch.panes)


def test_the_size_grows_with_the_panes() -> None:
    assert size_of(batch([(pane, 1) for pane in range(90)])) > 10 * size_of(batch([(1, 1)]))
