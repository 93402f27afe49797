"""Segments hold exactly the rows of the whole, however these come."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import CountedBatch, PaneCounts, Table
from app.domain.counts.adding import add
from app.domain.counts.together import Uncounted, tally_together
from app.domain.errors import TooLarge
from app.domain.model import Feature, Kind, Role, Schema, Settings, StoredGridSet
from app.domain.references.reference import build_reference
from app.domain.rows.profile import tally
from app.domain.segments.segment import Segmentation
from tests.app.domain.tables import FEATURES, envelope, table

COUNTRY = Feature("country", Kind.CATEGORICAL, Role.SEGMENT)
SCHEMA = Schema((*FEATURES, COUNTRY, Feature("id", Kind.IGNORED, Role.ID)))
ASKED = Segmentation((("country",), ("country", "colour")), 6)
SETTINGS = Settings(segments=ASKED)
START = datetime(2026, 1, 5, tzinfo=UTC)

Row = tuple[int, object, object, object]
Sums = dict[tuple[str, datetime], tuple[int, list[tuple[int, int]]]]


def stored() -> StoredGridSet:
    countries = [("DE", "FR", None, "DE", "x=1")[i % 5] for i in range(2_000)]
    colours = [("red", "green", "blue")[i % 3] for i in range(2_000)]
    rows = table(amount=[float(i % 50) for i in range(2_000)], colour=colours, country=countries)
    found = build_reference(rows, SCHEMA, None, segments=ASKED)
    return StoredGridSet(7, 1, found.grids, found.segmented.plan)


GRIDS = stored()
ROWS = st.lists(
    st.tuples(
        st.sampled_from([0, 3, 15, 40]),
        st.sampled_from([1, 7.5, None, "x"]),
        st.sampled_from(["red", "pink", None, 3, True]),
        st.sampled_from(["DE", "FR", "IT", None, 7]),
    ),
    min_size=1,
    max_size=12,
)


def made(rows: Sequence[Row]) -> Table:
    minutes, amounts, colours, countries = zip(*rows, strict=True)
    return table(
        timestamp=[(START + timedelta(minutes=one)).isoformat() for one in minutes],
        amount=amounts,
        colour=colours,
        country=countries,
        id=[f"{i}" for i in range(len(rows))],
    )


def counted(rows: Sequence[Row], settings: Settings = SETTINGS) -> CountedBatch:
    return tally(made(rows), SCHEMA, GRIDS, envelope(), settings)


def sums(panes: Iterable[PaneCounts]) -> Sums:
    return {
        (one.segment, one.pane): (
            one.rows,
            list(zip(one.cells.tolist(), one.counts.tolist(), strict=True)),
        )
        for one in panes
    }


def group_of(segment: str) -> int:
    return segment.count("=") - segment.count("~3D")


@given(ROWS)
def test_the_segments_of_a_column_add_up_to_the_whole(rows: list[Row]) -> None:
    batch = counted(rows)
    for group in (1, 2):
        total: dict[datetime, np.ndarray[tuple[int], np.dtype[np.int64]]]
        total = defaultdict(lambda: np.zeros(GRIDS.grids.size, np.int64))
        held: dict[datetime, int] = defaultdict(int)
        for one in batch.panes:
            if group_of(one.segment) == group:
                total[one.pane][one.cells] += one.counts
                held[one.pane] += one.rows
        for whole in (one for one in batch.panes if not one.segment):
            cells = np.flatnonzero(total[whole.pane])
            assert held[whole.pane] == whole.rows
            assert (cells.tolist(), total[whole.pane][cells].tolist()) == (
                whole.cells.tolist(),
                whole.counts.tolist(),
            )


@given(ROWS, st.integers(0, 12))
def test_order_and_batching_change_nothing(rows: list[Row], cut: int) -> None:
    cut %= len(rows)
    turned = counted([*rows[cut:], *rows[:cut]])
    assert sums(turned.panes) == sums(counted(rows).panes)
    if cut:
        parts = add(counted(rows[:cut]), counted(rows[cut:]))
        assert sums(parts.panes) == sums(counted(rows).panes)


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_together_is_as_alone(several: list[list[Row]]) -> None:
    batches = [Uncounted(made(rows), SCHEMA, GRIDS, envelope(), SETTINGS) for rows in several]
    found = tally_together(batches)
    for rows, together in zip(several, found, strict=True):
        assert isinstance(together, CountedBatch)
        alone = counted(rows)
        assert [(p.segment, p.pane) for p in together.panes] == [
            (p.segment, p.pane) for p in alone.panes
        ]
        assert sums(together.panes) == sums(alone.panes)


@given(ROWS, ROWS, st.randoms())
def test_rows_that_are_left_out_are_left_out_of_segments(
    first: list[Row], second: list[Row], random: object
) -> None:
    keyed = replace(envelope(), row_key=bytes(16))
    parts = [tally(made(rows), SCHEMA, GRIDS, keyed, SETTINGS) for rows in (first, second)]
    both = [*first, *second]
    kept = sorted(getattr(random, "sample")(range(len(both)), len(both) // 2 + 1))  # noqa: B009
    named = add(*parts).identified
    assert named is not None
    left = counted([both[i] for i in kept])
    assert sums(named.recount(np.array(kept, np.int64))) == sums(left.panes)


def test_many_rows_are_counted_like_few() -> None:
    few = [(0, float(i % 60), ("red", "blue")[i % 2], ("DE", "IT")[i % 3 % 2]) for i in range(300)]
    many = sums(counted(few * 100).panes)
    assert many == {
        place: (100 * rows, [(cell, 100 * count) for cell, count in cells])
        for place, (rows, cells) in sums(counted(few).panes).items()
    }


def test_values_have_their_segment() -> None:
    rows: list[Row] = [(0, 1, "red", "DE"), (0, 1, "red", None), (0, 1, "red", "IT")]
    held = {p.segment for p in counted(rows).panes if group_of(p.segment) == 1}
    assert held == {"country=DE", "country=(missing)", "country=(other)"}


def test_without_a_declaration_nothing_is_divided() -> None:
    assert {p.segment for p in counted([(0, 1, "red", "DE")], Settings()).panes} == {""}


def test_a_column_that_did_not_come_is_missing() -> None:
    rows = table(amount=[1.0], colour=["red"], timestamp=[START.isoformat()])
    found = tally(rows, SCHEMA, GRIDS, envelope(), SETTINGS)
    assert "country=(missing)" in {one.segment for one in found.panes}


def test_rows_are_not_spread_over_more_than_can_be_kept() -> None:
    panes, height = 30_000, 6
    numbers = pl.Series(np.repeat(np.arange(panes, dtype=np.int64), height))
    first, step = pl.lit(START - timedelta(days=366)), pl.duration(minutes=15)
    times = pl.select((first + numbers * step).alias("t"))["t"]
    rows = table(
        timestamp=times.cast(pl.Datetime("us", "UTC")),
        amount=pl.Series(np.zeros(height * panes)),
        colour=pl.Series(["red", "green", "blue", "red", "red", "red"] * panes),
        country=pl.Series(["DE", "DE", "DE", "FR", None, "x=1"] * panes),
    )
    # four countries, and of the pairs two of the three most frequent ones and all others
    with pytest.raises(TooLarge, match="30000 panes of 15 minutes with 210000 segments"):
        tally(rows, SCHEMA, GRIDS, envelope(), SETTINGS)
