"""Arrow streams: an end to each of them, nothing behind it, and columns of runs."""

import datetime as dt
import decimal
import io
import struct
import tracemalloc

import polars as pl
import pyarrow as pa
import pytest

from app.domain.errors import TooLarge
from app.domain.model import Settings
from app.domain.rows.profile import tally
from app.sources.formats import Limits, decode, from_arrow
from app.sources.formats._messages import END, message_at
from tests.app.domain.tables import TIMELESS, envelope, reference, stored
from tests.app.sources.columns import listed, rows_of
from tests.app.sources.test_arrow import ARROW, EXPECTED, MIXED, refused, stream

RUNS = {
    "text": (["x", None, "y"], pa.string()),
    "views": (["x", None, "a text of more than twelve"], pa.string_view()),
    "numbers": ([1.5, None, -2.0], pa.float64()),
    "whole": ([1, None, 2], pa.int8()),
    "truths": ([True, None, False], pa.bool_()),
    "times": ([dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None, None], pa.timestamp("us", "UTC")),
    "decimals": ([decimal.Decimal("1.5"), None, decimal.Decimal(2)], pa.decimal128(9, 1)),
    "nothing": ([None] * 3, pa.null()),
    "codes": (["x", None, "y"], pa.dictionary(pa.int8(), pa.string())),
}


@pytest.mark.parametrize("ends", [pa.int16(), pa.int32(), pa.int64()], ids=str)
@pytest.mark.parametrize("name", RUNS)
def test_runs_are_read_as_the_values_that_they_stand_for(name: str, ends: pa.DataType) -> None:
    given, kind = RUNS[name]
    values = pa.array(given, kind)
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 6], ends), values)
    spelled = pa.array([given[at] for at in (0, 0, 1, 2, 2, 2)], kind)
    expected = rows_of(decode(stream({"r": spelled}), ARROW))
    for batch in (None, 4):
        assert rows_of(decode(stream({"r": runs}, batch), ARROW)) == expected
    cut = from_arrow(pa.table({"r": runs}).slice(1, 4), Limits())
    assert listed(cut.columns["r"]) == expected["r"][1:5]


def test_what_runs_hold_is_counted() -> None:
    amounts = pa.RunEndEncodedArray.from_arrays([3, 5], [1.5, None])
    colours = pa.RunEndEncodedArray.from_arrays([1, 5], ["red", "pink"])
    runs = decode(stream({"amount": amounts, "colour": colours}), ARROW)
    spelled = decode(
        stream({"amount": [1.5] * 3 + [None] * 2, "colour": ["red"] + ["pink"] * 4}), ARROW
    )
    grids = stored(reference())
    found, expected = (
        tally(each, TIMELESS, grids, envelope(), Settings()) for each in (runs, spelled)
    )
    assert found.panes[0].cells.tolist() == expected.panes[0].cells.tolist()
    assert found.panes[0].counts.tolist() == expected.panes[0].counts.tolist()


@pytest.mark.parametrize("ends", [[2, 1, 5], [0, 3, 5], [-1, 3, 5], [1, 3, 4], [2, 2, 5]])
def test_runs_that_do_not_cover_the_rows_are_refused(ends: list[int]) -> None:
    right = pa.array([1, 3, 5], pa.int32())
    body = stream({"r": pa.RunEndEncodedArray.from_arrays(right, ["x", "y", "z"])})
    given, wanted = (struct.pack("<3i", *some) for some in ([1, 3, 5], ends))
    assert body.count(given) == 1
    assert "damaged" in refused(body.replace(given, wanted)).detail


def test_short_runs_of_a_long_text_take_no_more_memory_than_may_be_taken() -> None:
    rows = 1_000_000
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([rows], pa.int32()), ["x" * 8_000])
    body = stream({"r": runs})
    assert len(body) < 10_000
    tracemalloc.start()
    error = refused(body)
    assert isinstance(error, TooLarge)
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


def boundaries(body: bytes) -> list[int]:
    """Where each message of a stream ends."""
    at, found = 0, []
    while (message := message_at(memoryview(body), at)) is not None:
        at = message[2]
        found.append(at)
    return found


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("batch", [25, 100])
def test_a_stream_cut_short_between_two_messages_is_refused(*, legacy: bool, batch: int) -> None:
    columns = {"a": list(range(100))}
    body = stream(columns, batch, use_legacy_format=legacy)
    assert decode(body, ARROW).rows == 100
    places = boundaries(body)
    assert len(places) == 1 + 100 // batch
    for place in places:
        assert "has no end" in refused(body[:place]).detail


@pytest.mark.parametrize("batch", [25, 100])
@pytest.mark.parametrize("more", [b"\0", b"more", b"\xff\xff\xff\xff\0\0\0\0"])
def test_nothing_may_come_behind_the_end(more: bytes, batch: int) -> None:
    body = stream({"a": list(range(100))}, batch)
    assert "behind the end" in refused(body + more).detail
    assert "behind the end" in refused(body + body).detail


@pytest.mark.parametrize("compression", ["uncompressed", "zstd"])
def test_what_polars_writes_has_an_end(compression: str) -> None:
    out = io.BytesIO()
    pl.DataFrame({"a": [1, 2]}).write_ipc_stream(out, compression=compression)  # type: ignore[arg-type]
    assert out.getvalue().endswith(END)
    assert decode(out.getvalue(), ARROW).rows == 2


def test_framing_of_before_version_0_15_is_read() -> None:
    assert rows_of(decode(stream(MIXED, use_legacy_format=True), ARROW)) == EXPECTED
