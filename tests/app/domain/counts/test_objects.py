"""An object comes to the same counts however its rows are cut into tables."""

import pickle
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.batch import CountedBatch, Table
from app.domain.counts.objects import Counting, counting_of, counts_of
from app.domain.model import Ground, Model, Settings, StoredGridSet
from app.domain.sources.source import Listed, Source, Trouble
from drift_core import Grid, GridSet
from tests.app.steps.world import SCHEMA, START, rows

GRIDS = GridSet((("c", Grid.categorical(["a", "b"])), ("x", Grid.numeric([-1.0, 0.0, 1.0]))))
NOW = START + timedelta(days=1)
ROWS = 60
SOURCE = Source(1, "m", "logs", "s3://bucket/logs", version="v7")
LISTED = Listed("logs/a.csv", 10, START, '"e1"')


def counting() -> Counting:
    model = Model(1, "m", Settings(), SCHEMA, 1, START)
    ground = Ground(model, StoredGridSet(3, 1, GRIDS), "v1", START)
    return counting_of(SOURCE, LISTED, ground, NOW)


def cut(table: Table, bounds: list[int]) -> list[Table]:
    frame = pl.DataFrame(dict(table.columns))
    edges = [0, *sorted(bounds), table.rows]
    parts = [frame[a:b] for a, b in pairwise(edges) if b > a]
    return [Table(part.to_dict(), part.height) for part in parts]


def told(batch: CountedBatch) -> object:
    panes = [(p.pane, p.rows, p.cells.tolist(), p.counts.tolist()) for p in batch.panes]
    return batch.envelope, batch.rows, panes, batch.findings, batch.first_event, batch.last_event


def there_and_back(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  our own


WHOLE = told(counts_of([rows(START, ROWS)], counting()))


@given(st.lists(st.integers(0, ROWS), max_size=5), st.randoms())
def test_any_cut_in_any_order_comes_to_the_same(bounds: list[int], random: object) -> None:
    parts = cut(rows(START, ROWS), bounds)
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert told(counts_of(parts, counting())) == WHOLE


def test_counts_travel_between_processes() -> None:
    found = counts_of(there_and_back([rows(START, ROWS)]), there_and_back(counting()))
    assert told(there_and_back(found)) == WHOLE


def test_its_source_says_the_version_and_its_content_the_key() -> None:
    envelope = counting().envelope
    assert (envelope.version, envelope.source, envelope.received_at) == ("v7", "logs", NOW)
    other = counting_of(SOURCE, replace(LISTED, etag='"e2"'), counting().ground, NOW)
    assert other.envelope.key != envelope.key


def test_a_fault_is_told_by_its_row_of_the_object() -> None:
    good, bad = cut(rows(START, ROWS), [40])
    bad = replace(bad, columns={**bad.columns, "at": [None] * bad.rows})
    with pytest.raises(Trouble) as caught:
        counts_of([good, bad], counting())
    assert (caught.value.code, caught.value.rows) == ("wrong-rows", ROWS)
    assert (caught.value.faults[0].row, caught.value.faults[0].pointer) == (40, "")


def test_without_rows_there_is_nothing_to_count() -> None:
    found = there_and_back(counts_of([], counting()))
    assert (found.rows, found.panes, found.grid_set, found.identified) == (0, (), 3, None)
    assert found.envelope == counting().envelope
    asked = replace(counting().envelope, row_key=b"k" * 16)
    found = there_and_back(counts_of([], replace(counting(), envelope=asked)))
    assert found.identified.recount(found.identified.hashes) == ()
