"""Bodies made to break things: each gets a problem that says where, and counts nothing."""

import gzip
import io
import json
import zlib
from typing import Any

import httpx
import polars as pl
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.api.service import post, problem, rows, totals, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODEL = "hostile"
AT = "2024-01-01T00:00:00Z"
PARQUET = "application/vnd.apache.parquet"
JSON, CSV = "application/json", "text/csv"


def row(members: str = "", time: str = f'"{AT}"') -> str:
    return f'{{"timestamp": {time}{", " if members else ""}{members}}}'


def third(bad: str) -> bytes:
    """Return an array whose third row is bad."""
    return f"[{row()}, {row()}, {bad}, {row()}]".encode()


# Body, then row, field and pointer that the first fault must name (None: it may name any).
Case = tuple[bytes, int | None, str | None, str | None]
PLACED: dict[str, Case] = {
    "no time": (third('{"x": 1}'), 2, "timestamp", "/2/timestamp"),
    "null time": (third(row(time="null")), 2, "timestamp", "/2/timestamp"),
    "word for a time": (third(row(time='"soon"')), 2, "timestamp", "/2/timestamp"),
    "numbers without a unit": (f"[{row(time='1704067200')}]".encode(), None, "timestamp", ""),
    "hour 24": (third(row(time='"2024-01-01T24:00:00Z"')), 2, "timestamp", "/2/timestamp"),
    "second 60": (third(row(time='"2024-01-01T00:00:60Z"')), 2, "timestamp", "/2/timestamp"),
    "february 30": (third(row(time='"2024-02-30T00:00:00Z"')), 2, "timestamp", "/2/timestamp"),
    "year 1": (third(row(time='"0001-01-01T00:00:00Z"')), 2, "timestamp", "/2/timestamp"),
    "year 9999": (third(row(time='"9999-01-01T00:00:00Z"')), 2, "timestamp", "/2/timestamp"),
    "far future": (third(row(time='"2199-01-01T00:00:00Z"')), 2, "timestamp", "/2/timestamp"),
    "duplicate key": (third(row('"x": 1, "x": 2')), 2, "x", "/2/x"),
    "duplicate equal key": (third(row('"x": 1, "x": 1')), 2, "x", "/2/x"),
}
JSON_BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n ",
    "nan": third(row('"x": NaN')),
    "infinity": third(row('"x": -Infinity')),
    "1e400": third(row('"x": 1e400')),
    "nul": third(row('"colour": "a\\u0000b"')),
    "raw nul": b'[{"x": "\x00"}]',
    "lone high surrogate": third(row('"colour": "\\ud800"')),
    "lone low surrogate": third(row('"colour": "\\udfff"')),
    "deep array": b"[" * 100_000,
    "deep and closed": b"[" * 900 + b"]" * 900,
    "deep object": b'{"a":' * 100_000,
    "row is a number": third("7"),
    "row is null": third("null"),
    "row is a list": third("[1]"),
    "no rows": b"[]",
    "empty rows": b'{"rows": []}',
    "rows beside columns": f'{{"rows": [{row()}], "columns": {{}}}}'.encode(),
    "neither rows nor columns": b'{"data": []}',
    "rows is an object": b'{"rows": {}}',
    "columns is a list": b'{"columns": []}',
    "column is a number": b'{"columns": {"x": 1}}',
    "ragged columns": b'{"columns": {"timestamp": ["2024-01-01T00:00:00Z"], "x": [1, 2]}}',
    "duplicate column": b'{"columns": {"x": [1], "x": [2]}}',
    "a number": b"1",
    "a text": b'"rows"',
    "null": b"null",
    "two documents": third(row()) + third(row()),
    "trailing comma": f"[{row()},]".encode(),
    "torn": third(row())[:-5],
    "comments": b"[] // none",
    "byte order mark": b"\xef\xbb\xbf" + third(row()),
    "utf-16": third(row()).decode().encode("utf-16"),
    "bad utf-8": b'[{"x": "\xff"}]',
    "overlong utf-8": b'[{"x": "\xc0\xaf"}]',
    "400 digits": third(row(f'"x": {"9" * 400}')),
    "5000 digits": third(row(f'"x": {"9" * 5_000}')),
    "hex": third(row('"x": 0x10')),
    "leading zero": third(row('"x": 01')),
    "long text": third(row(f'"colour": "{"x" * 1_000_000}"')),
    "long name": third(row(f'"{"x" * 100_000}": 1')),
    "many columns": json.dumps([{f"c{n}": n for n in range(5_000)}]).encode(),
}
CSV_BODIES: dict[str, bytes] = {
    "empty": b"",
    "header only": b"timestamp,x\n",
    "ragged": f"timestamp,x\n{AT},1\n{AT},1,2,3\n".encode(),
    "duplicate header": f"timestamp,x,x\n{AT},1,2\n".encode(),
    "nul": f"timestamp,colour\n{AT},a\0b\n".encode(),
    "latin-1": f"timestamp,colour\n{AT},é\n".encode("latin-1"),
    "utf-16": f"timestamp,x\n{AT},1\n".encode("utf-16"),
    "no time": b"timestamp,x\n,1\n",
    "bad time": b"timestamp,x\nyesterday,1\n",
    "open quote": f'timestamp,colour\n{AT},"open\n'.encode(),
}


def parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


GOOD_PARQUET = parquet(pl.DataFrame(rows(20)))
PARQUET_BODIES: dict[str, bytes] = {
    "empty": b"",
    "magic only": b"PAR1PAR1",
    "torn": GOOD_PARQUET[:-20],
    "no head": GOOD_PARQUET[20:],
    "lying footer": GOOD_PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1",
    "flipped": GOOD_PARQUET[:40] + bytes(b ^ 255 for b in GOOD_PARQUET[40:80]) + GOOD_PARQUET[80:],
    "not parquet": b"x" * 1_000,
    "no rows": parquet(pl.DataFrame(rows(20)).clear()),
    "nested": parquet(pl.DataFrame({"timestamp": [[AT]], "x": [1.0]})),
}
BODIES = [
    *((JSON, f"json {name}", body) for name, body in JSON_BODIES.items()),
    *((CSV, f"csv {name}", body) for name, body in CSV_BODIES.items()),
    *((PARQUET, f"parquet {name}", body) for name, body in PARQUET_BODIES.items()),
]


async def ready(client: httpx.AsyncClient) -> None:
    if (await client.get(f"/v1/models/{MODEL}")).status_code == 404:
        await with_baseline(client, MODEL)


async def send(
    client: httpx.AsyncClient, body: bytes, media_type: str = JSON, **headers: str
) -> httpx.Response:
    sent = {"Content-Type": media_type} | {key.replace("_", "-"): v for key, v in headers.items()}
    return await client.post(f"/v1/models/{MODEL}/batches", content=body, headers=sent)


async def refused(app: FastAPI, answer: httpx.Response, before: dict[str, int]) -> dict[str, Any]:
    found = problem(answer, answer.status_code)
    assert answer.status_code in {400, 413, 415, 422}
    after = await totals(app, MODEL)
    assert after["counted"] == before["counted"]
    assert after["received"] == sum(after.values()) - after["received"]
    return found


@pytest.mark.parametrize("case", PLACED.values(), ids=PLACED)
async def test_a_bad_row_is_named(client: httpx.AsyncClient, app: FastAPI, case: Case) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    body, number, field, pointer = case
    found = await refused(app, await send(client, body), before)
    first = found["errors"][0]
    assert (first["row"], first["field"], first["pointer"]) == (number, field, pointer)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"[", 400), (b"{}", 400), (third('{"timestamp": "never"}'), 422), (third("{}"), 422)],
)
async def test_no_rows_are_malformed_and_wrong_rows_invalid(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    await ready(client)
    problem(await send(client, body), status)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [(kind, body) for kind, _, body in BODIES],
    ids=[n for _, n, _ in BODIES],
)
async def test_a_bad_body_is_a_problem_and_the_next_one_is_counted(
    client: httpx.AsyncClient, app: FastAPI, media_type: str, body: bytes
) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    await refused(app, await send(client, body, media_type), before)
    key = {"Idempotency-Key": f"after-{before['received']}-{hash(body)}"}
    assert (await post(client, MODEL, rows(1), key))["counted"] == 1


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/xml", "application/json; charset=utf-16", "json", "*/*", ";"],
)
async def test_a_media_type_that_is_not_read(
    client: httpx.AsyncClient, app: FastAPI, media_type: str
) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    answer = await send(client, third(row()), media_type)
    problem(answer, 415)
    await refused(app, answer, before)


async def test_no_media_type_at_all(client: httpx.AsyncClient) -> None:
    await ready(client)
    answer = await client.post(f"/v1/models/{MODEL}/batches", content=third(row()))
    problem(answer, 415)


PACKED = gzip.compress(third(row()), mtime=0)


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("br", PACKED, {415}),
        ("gzip, gzip", gzip.compress(PACKED, mtime=0), {415}),
        ("deflate", zlib.compress(third(row())), {415}),
        ("gzip", b"", {400, 422}),
        ("gzip", third(row()), {400, 422}),
        ("gzip", PACKED[:-4], {400, 422}),
        ("gzip", PACKED + b"trailing", {400, 422}),
        ("gzip", PACKED[:20] + b"\0\0\0" + PACKED[23:], {400, 422}),
        ("gzip", gzip.compress(b" " * 20_000_000, mtime=0), {413, 400, 422}),
        ("", PACKED, {400, 415, 422}),
    ],
)
async def test_a_content_encoding_that_does_not_open(
    client: httpx.AsyncClient, app: FastAPI, encoding: str, body: bytes, status: set[int]
) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    answer = await send(client, body, Content_Encoding=encoding)
    assert answer.status_code in status
    await refused(app, answer, before)


async def test_at_most_a_hundred_faults_are_listed(client: httpx.AsyncClient, app: FastAPI) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    bad = json.dumps([{"timestamp": "never"}] * 250).encode()
    found = await refused(app, await send(client, bad), before)
    assert len(found["errors"]) + found["errors_left_out"] == 250
    assert len(found["errors"]) == 100
    after = await totals(app, MODEL)
    assert after["rejected"] - before["rejected"] == 250


async def test_no_value_is_repeated(client: httpx.AsyncClient) -> None:
    await ready(client)
    canary = "canary-4711"
    for body in (
        json.dumps([{"timestamp": canary, "x": canary}]).encode(),
        f'[{{"timestamp": "{AT}", "x": "{canary}", "x": 1}}]'.encode(),
        f'[{{"timestamp": "{AT}", "x": "{canary}\\u0000"}}]'.encode(),
        f'["{canary}"]'.encode(),
        f'{{"{AT}": {canary}'.encode(),
    ):
        answer = await send(client, body)
        problem(answer, answer.status_code)
        assert canary not in answer.text
    csv = await send(client, f"timestamp,x\n{canary},{canary}\n".encode(), CSV)
    problem(csv, csv.status_code)
    assert canary not in csv.text


async def test_numbers_at_the_edges_are_counted(client: httpx.AsyncClient) -> None:
    await ready(client)
    numbers = ["1e-400", "-0", "9007199254740993", "18446744073709551616", "1E+2"]
    body = ("[" + ", ".join(row(f'"x": {number}') for number in numbers) + "]").encode()
    answer = await send(client, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["counted"] == len(numbers)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["timestamp", "x", "colour", "rows", "columns"]), inner)
    ),
    max_leaves=12,
)
FUZZ = settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@FUZZ
@given(document=JSON_VALUES)
async def test_any_json_is_counted_or_a_problem(
    client: httpx.AsyncClient, app: FastAPI, document: object
) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    answer = await send(client, json.dumps(document).encode())
    if answer.status_code != 200:
        await refused(app, answer, before)


@FUZZ
@given(cut=st.integers(0, len(GOOD_PARQUET)), flip=st.integers(0, 255), body=st.binary(max_size=40))
async def test_any_bytes_are_counted_or_a_problem(
    client: httpx.AsyncClient, app: FastAPI, cut: int, flip: int, body: bytes
) -> None:
    await ready(client)
    before = await totals(app, MODEL)
    damaged = bytearray(GOOD_PARQUET)
    if cut < len(damaged):
        damaged[cut] ^= flip
    for sent, kind in ((bytes(damaged), PARQUET), (body, PARQUET), (body, CSV), (body, JSON)):
        before = await totals(app, MODEL)
        answer = await send(client, sent, kind)
        if answer.status_code != 200:
            await refused(app, answer, before)


@pytest.mark.parametrize(
    "path", ["/v1/deliveries?model=m", "/v1/models?versoin=2", "/v1/alerts?model=m&stat=firing"]
)
async def test_an_unknown_query_parameter_is_refused_and_named(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 422
    wrong = path.split("?")[1].rsplit("&", maxsplit=1)[-1].split("=", maxsplit=1)[0]
    assert [fault["field"] for fault in answer.json()["errors"]] == [wrong]
