"""Buckets and folders as they are: a real S3 server with a read-only identity, and broken ones."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import obstore
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from obstore.exceptions import PermissionDeniedError

from app.domain.sources.source import Listed, Options, Source, Trouble
from app.egress import forwarding, parse_allow
from app.sources.formats._spec import COLUMNAR
from app.sources.objects import Buckets, Kinds, Opener, parquet
from app.sources.objects import buckets as module
from tests import seaweed

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def s3() -> Iterator[seaweed.Seaweed]:
    with seaweed.running() as server:
        yield server


@asynccontextmanager
async def reaching(allow: str = "127.0.0.1", **secrets: str) -> AsyncIterator[Buckets]:
    allowed = parse_allow(allow)
    async with forwarding(allowed) as proxy:
        yield Buckets(Kinds(allowed), Opener(seaweed.SECRETS | secrets, proxy))


def source(s3: seaweed.Seaweed, url: str = "s3://logs/some", **changed: Any) -> Source:
    credentials = changed.pop("credentials", seaweed.CREDENTIALS)
    options = Options(endpoint=s3.endpoint, credentials=credentials)
    return Source(1, "m", "logs", url, options, **changed)


async def listing(buckets: Buckets, of: Source) -> list[Listed]:
    return [one async for page in buckets.pages(of, TODAY) for one in page]


async def rows(buckets: Buckets, of: Source, listed: Listed) -> int:
    reading = await buckets.open(of, listed)
    pieces = await asyncio.to_thread(lambda: list(reading.pieces(0)))
    return sum(piece.table.rows for piece in pieces)


async def code(work: Any) -> tuple[str, bool]:
    with pytest.raises(Trouble) as caught:
        await work
    for secret in (*seaweed.READER, *seaweed.WRITER):
        assert secret not in repr(caught.value) + caught.value.detail
    return caught.value.code, caught.value.passing


async def test_reading_rights_suffice(s3: seaweed.Seaweed) -> None:
    writer, reader = s3.store(), s3.store(seaweed.READER)
    keys = ["some/b.csv", "some/a b+c%é.csv", "some/deep/er/d.csv", "some/_SUCCESS", "other/x.csv"]
    for key in keys:
        obstore.put(writer, key, b"x\n1\n2\n")
    with pytest.raises(PermissionDeniedError):
        obstore.put(reader, "some/z.csv", b"x")
    async with reaching() as buckets:
        found = await listing(buckets, source(s3))
        assert sorted(one.key for one in found) == [keys[1], keys[0], keys[2]]
        assert [await rows(buckets, source(s3), one) for one in found] == [2, 2, 2]


async def test_what_the_store_refuses_has_a_code(s3: seaweed.Seaweed) -> None:
    obstore.put(s3.store(), "some/b.csv", b"x\n1\n")
    async with reaching(WRONG="wrong") as buckets:
        assert await code(listing(buckets, source(s3, "s3://other"))) == ("denied", True)
        wrong = {"access_key_id": "env:WRONG", "secret_access_key": "env:WRONG"}
        assert await code(listing(buckets, source(s3, credentials=wrong))) == ("denied", True)
        none = {"access_key_id": "env:NONE", "secret_access_key": "env:NONE"}
        assert await code(listing(buckets, source(s3, credentials=none))) == ("no-secret", True)
        (one,) = [o for o in await listing(buckets, source(s3)) if o.key == "some/b.csv"]
        obstore.put(s3.store(), "some/b.csv", b"x\n2\n")
        assert await code(buckets.open(source(s3), one)) == ("replaced", False)
        obstore.delete(s3.store(), "some/b.csv")
        assert await code(buckets.open(source(s3), one)) == ("gone", False)
    async with reaching(allow="") as buckets:
        assert await code(listing(buckets, source(s3))) == ("address-refused", True)


async def test_large_parquet_is_read_by_parts_under_one_etag(s3: seaweed.Seaweed) -> None:
    out = io.BytesIO()
    frame = pl.DataFrame({"x": pl.int_range(3_000_000, eager=True).cast(pl.Float64) * 1.1})
    frame.write_parquet(out, compression="uncompressed", row_group_size=1_000_000)
    body = out.getvalue()
    assert len(body) > module.SMALL
    obstore.put(s3.store(), "some/large.parquet", body)
    async with reaching() as buckets:
        (one,) = [o for o in await listing(buckets, source(s3)) if o.key.endswith("large.parquet")]
        reading = await buckets.open(source(s3), one)
        pieces = await asyncio.to_thread(lambda: list(reading.pieces(1)))
        assert sum(piece.table.rows for piece in pieces) == 2_000_000
        assert [piece.parts for piece in pieces if piece.parts] == [2, 3]
        reading = await buckets.open(source(s3), one)
        iterator = reading.pieces(0)
        await asyncio.to_thread(next, iterator)
        obstore.put(s3.store(), "some/large.parquet", body[:-1] + b"x")
        read = asyncio.to_thread(lambda: list(iterator))
        assert await code(read) == ("replaced", False)


async def breaking_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise 100 bytes, and send three."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b'HTTP/1.1 200 OK\r\nETag: "e"\r\nLast-Modified: Mon, 02 Mar 2026 00:00:00 GMT\r\n'
        b"Content-Length: 100\r\n\r\nx\n1"
    )
    await writer.drain()
    writer.close()


async def test_a_download_that_breaks_off_is_tried_again() -> None:
    server = await asyncio.start_server(breaking_off, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    of = Source(1, "m", "logs", "s3://logs", Options(endpoint=endpoint, anonymous=True))
    async with server, reaching() as buckets:
        found = buckets.open(of, Listed("a.csv", 100, NOW, '"e"'))
        assert await code(found) == ("unreachable", True)


async def test_a_folder_is_read_where_it_is_open(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.csv").write_text("x\n1\n2\n")
    of = Source(1, "m", "logs", f"file://{folder}")
    async with reaching(str(folder)) as buckets:
        (one,) = await listing(buckets, of)
        assert (one.key, await rows(buckets, of, one)) == ("sub/a.csv", 2)
        gone = Source(1, "m", "logs", f"file://{folder}/none")
        assert await code(listing(buckets, gone)) == ("no-bucket", True)
    async with reaching("") as buckets:
        assert await code(listing(buckets, of)) == ("address-refused", True)
        assert await code(buckets.open(of, one)) == ("address-refused", True)


async def test_logs_of_other_tools_are_read_by_their_format(tmp_path: Path) -> None:
    line = (
        '{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT",'
        '"data":"1.5,red","encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv",'
        '"mode":"OUTPUT","data":"0.25","encoding":"CSV"}},"eventMetadata":{"eventId":"e-1",'
        '"inferenceTime":"2026-02-14T17:25:49Z"},"eventVersion":"0"}\n'
    )
    (tmp_path / "capture.jsonl").write_text(line * 3)
    of = Source(1, "m", "logs", f"file://{tmp_path}", format="sagemaker", inputs=("size", "colour"))
    async with reaching(str(tmp_path)) as buckets:
        (one,) = await listing(buckets, of)
        reading = await buckets.open(of, one)
        (piece,) = reading.pieces(0)
        assert piece.table.rows == 3
        assert {"size", "colour", "prediction", "timestamp"} <= piece.table.columns.keys()


async def test_an_arrow_stream_that_was_cut_short_is_unreadable(tmp_path: Path) -> None:
    table = pa.table({"x": list(range(100))})
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=25)
        half = out.tell()
    whole = out.getvalue()
    of = Source(1, "m", "logs", f"file://{tmp_path}")
    async with reaching(str(tmp_path)) as buckets:
        for body, cut in ((whole, False), (whole[:half], True), (whole + b"more", True)):
            (tmp_path / "a.arrow").write_bytes(body)
            (one,) = await listing(buckets, of)
            if cut:
                assert await code(rows(buckets, of, one)) == ("unreadable", False)
            else:
                assert await rows(buckets, of, one) == 100


def test_pieces_of_large_parquet_name_what_is_nested() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"x": [1, 2, 3], "l": [[1], None, []]}), out, row_group_size=2)
    out.seek(0)
    found = list(parquet.pieces(io.BufferedReader(out), 0, COLUMNAR))  # type: ignore[arg-type]
    assert [(piece.table.rows, list(piece.table.columns)) for piece in found] == [
        (2, ["x"]),
        (1, ["x"]),
    ]
    assert [piece.table.nested["l"].kind[:4] for piece in found] == ["list", "list"]
