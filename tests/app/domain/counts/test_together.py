"""Batches counted together are what each is alone, and one that is wrong harms no other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import CountedBatch, Nested, Table
from app.domain.counts.together import Uncounted, tally_together
from app.domain.errors import Invalid
from app.domain.model import Settings
from app.domain.rows.profile import tally
from drift_core import Coded, Texts
from tests.app.domain.tables import NOW, SCHEMA, TIMELESS, envelope, reference, stored, table

GRIDS = stored(reference())
PLAIN, STRICT = Settings(), Settings(strict=True)
START = datetime(2026, 1, 5, tzinfo=UTC)


def uncounted(rows: Table, settings: Settings = PLAIN, key: str = "k") -> Uncounted:
    return Uncounted(rows, SCHEMA, GRIDS, replace(envelope(), key=key), settings)


def alone(batch: Uncounted) -> CountedBatch | Invalid:
    try:
        return tally(batch.table, batch.schema, batch.grids, batch.envelope, batch.settings)
    except Invalid as error:
        return error


def plain(found: CountedBatch | Exception) -> object:
    """All there is to compare; arrays do not compare as one."""
    if isinstance(found, Exception):
        assert isinstance(found, Invalid)
        return found.detail, found.faults, found.rows, found.code
    panes = [(p.segment, p.pane, p.rows, p.cells.tolist(), p.counts.tolist()) for p in found.panes]
    return replace(found, panes=()), panes


def same(batches: Sequence[Uncounted]) -> None:
    together = tally_together(batches)
    assert [plain(found) for found in together] == [plain(alone(batch)) for batch in batches]


VALUES = st.sampled_from([1, -3.5, 40, None, True, "x", 1e300, 2**70])
LEVELS = st.sampled_from(["red", "green", "pink", None, 7, True, ["nested"]])
MINUTES = st.sampled_from([0, 3, 14.999, 15, 40, 60 * 24])
TIMES = MINUTES.map(lambda minutes: (START + timedelta(minutes=minutes)).isoformat())
WRONG = st.sampled_from(["no time", None, "2099-01-01T00:00:00Z"])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = draw(st.integers(1, 5))
    times = TIMES if draw(st.integers(0, 9)) else TIMES | WRONG
    columns = {
        "timestamp": st.lists(times, min_size=rows, max_size=rows),
        "amount": st.lists(VALUES, min_size=rows, max_size=rows),
        "colour": st.lists(LEVELS, min_size=rows, max_size=rows),
        "strange": st.just([1] * rows),
    }
    left_out = draw(st.sampled_from([None, None, "strange", "amount", "timestamp"]))
    return Table({n: draw(c) for n, c in columns.items() if n != left_out}, rows)


@given(st.lists(st.tuples(tables(), st.sampled_from([PLAIN, PLAIN, STRICT])), max_size=7))
def test_together_is_as_alone(drawn: list[tuple[Table, Settings]]) -> None:
    same([uncounted(rows, settings, f"k{i}") for i, (rows, settings) in enumerate(drawn)])


def typed(rows: int, shift: int) -> Table:
    codes = np.array([(i + shift) % 3 - 1 for i in range(rows)], np.int32)
    words = Texts(np.array([0, 3, 7], np.int32), np.frombuffer(b"redpink", np.uint8))
    moments = [START + timedelta(minutes=7 * i + shift) for i in range(rows)]
    return Table(
        {
            "timestamp": pl.Series(moments, dtype=pl.Datetime("us", "UTC")),
            "amount": pl.Series([None if i == shift else 1.5 * i for i in range(rows)]),
            "colour": Coded(codes, words),
        },
        rows,
    )


def test_typed_columns_and_dictionaries_are_joined() -> None:
    same([uncounted(typed(rows, shift)) for rows, shift in [(4, 0), (1, 2), (30, 1)]])


def test_what_differs_in_types_is_not_mixed() -> None:
    whole = table(timestamp=[START.isoformat()], amount=pl.Series([3]), colour=["red"])
    float_ = table(timestamp=[START.isoformat()], amount=pl.Series([3.5]), colour=["red"])
    same([uncounted(whole), uncounted(float_), uncounted(whole)])


def test_each_batch_has_its_own_arrival() -> None:
    """What is the future for one is not for another; rows without a time have arrival's."""
    later = replace(envelope(), received_at=NOW + timedelta(hours=1))
    ahead = table(timestamp=[(NOW + timedelta(minutes=30)).isoformat()], amount=[1], colour=["red"])
    both = [Uncounted(ahead, SCHEMA, GRIDS, arrived, PLAIN) for arrived in (envelope(), later)]
    found = tally_together(both)
    assert isinstance(found[0], Invalid)
    assert isinstance(found[1], CountedBatch)
    timeless = table(amount=[1], colour=["red"])
    batches = [
        Uncounted(timeless, TIMELESS, GRIDS, arrived, PLAIN) for arrived in (envelope(), later)
    ]
    same(batches)
    assert [b.first_event for b in tally_together(batches)] == [NOW, later.received_at]


def test_they_really_are_counted_as_one() -> None:
    """The counts of all lie in one array, as nobody's own would."""
    rows = [table(timestamp=[START.isoformat()], amount=[i], colour=["red"]) for i in range(9)]
    found = tally_together([uncounted(one) for one in rows])
    bases = {id(one.panes[0].cells.base) for one in found if isinstance(one, CountedBatch)}
    assert len(found) == 9
    assert len(bases) == 1


def test_a_batch_with_a_nested_column_is_counted_beside_others() -> None:
    whole = typed(4, 0)
    others = {name: column for name, column in whole.columns.items() if name != "amount"}
    nested = Table(others, 4, {"amount": Nested("list<double>")})
    same([uncounted(one) for one in (whole, nested, whole, nested)])
    assert isinstance(tally_together([uncounted(nested)])[0], CountedBatch)
