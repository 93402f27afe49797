"""Feast's logged features: values only where their status says so, and rows told apart."""

import datetime as dt
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.errors import Invalid
from app.sources.formats import Limits, from_arrow
from app.sources.payloads import Columns, decode_object, find_payload, reshaped
from tests.app.sources.columns import rows_of

LOG = Path(__file__).parent / "data" / "feast.parquet"


def written(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def test_features_with_a_status_are_the_columns() -> None:
    table = decode_object("feast", LOG, Columns(renames={"txn__seg": "segment"}))
    found = rows_of(table)
    assert list(found) == ["txn__age", "txn__amount", "segment", "timestamp", "id"]
    assert found["txn__age"] == [41.0, 20.5, None, None, None, 41.0]
    assert found["txn__amount"] == [12.5, 99.0, 1.0, None, 7.0, 12.5]
    assert found["segment"] == ["a", "b", "a", None, None, "a"]
    start = dt.datetime(2024, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
    assert found["timestamp"] == [start + dt.timedelta(microseconds=i) for i in range(6)]


def test_rows_of_one_request_are_told_apart() -> None:
    found = rows_of(decode_object("feast", LOG, Columns(id="row")))
    assert found["row"] == ["r1/1001", "r1/1002", "r2/1001", "r2/9", "r3/1003", "r1/1001#1"]


def test_parts_of_a_log_are_read_as_the_whole() -> None:
    whole = rows_of(decode_object("feast", LOG))
    payload, limits = find_payload("feast"), Limits()
    batches = pq.ParquetFile(LOG).iter_batches(4)
    tables = [reshaped(payload, from_arrow(batch, limits), None, limits) for batch in batches]
    parts = [rows_of(table) for table in tables]
    joined = {name: [value for part in parts for value in part[name]] for name in whole}
    # only what tells equal rows apart knows the rows before them
    assert [len(column) for column in joined.values()] == [6] * 5
    assert {n: c for n, c in joined.items() if n != "id"} == {
        n: c for n, c in whole.items() if n != "id"
    }


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1]},
        {"a": [1], "a__status": [1]},
        {"a": [1], "__log_timestamp": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)]},
        {"a": [1], "a__status": ["x"], "__log_timestamp": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)]},
    ],
)
def test_other_parquet_is_refused(columns: dict[str, object]) -> None:
    with pytest.raises(Invalid) as caught:
        decode_object("feast", written(pa.table(columns)))
    assert caught.value.faults


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="one name"):
        decode_object("feast", LOG, Columns(renames={"txn__age": "x", "txn__amount": "x"}))


def test_a_feature_that_became_nested_is_named_by_its_new_name() -> None:
    columns = {
        "a": [[1.5]],
        "a__status": [1],
        "__log_timestamp": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)],
    }
    found = decode_object("feast", written(pa.table(columns)), Columns(renames={"a": "age"}))
    assert (list(found.columns), list(found.nested)) == (["timestamp"], ["age"])
    both = {**columns, "b": [1.0], "b__status": [1]}
    with pytest.raises(Invalid, match="one name"):
        decode_object("feast", written(pa.table(both)), Columns(renames={"b": "a"}))
