"""Objects of all kinds for a prefix, whole and broken, and what of each must come to be counted."""

import gzip
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tests.e2e.crash import ORIGIN

PREFIX = "flights"


@dataclass(frozen=True, slots=True)
class Made:
    """An object; ``rows`` None: it must be quarantined for ``reason``."""

    key: str
    body: bytes
    rows: int | None
    reason: str | None = None


def made(count: int, seed: int = 11) -> list[Made]:
    """Return objects whose keys come in no order, a tenth of them broken."""
    draw = random.Random(seed)
    numbers = list(range(count))
    draw.shuffle(numbers)
    return [_broken(n, draw) if n % 10 == 7 else _whole(n, draw) for n in numbers]


def overwritten(one: Made) -> Made:
    """Return another content for an object's key, with rows of its own."""
    rows = (one.rows or 0) + 1
    return Made(one.key, WRITE[one.key.partition(".")[2]](list(_rows(1_000_000, rows))), rows)


def _whole(number: int, draw: random.Random) -> Made:
    rows = draw.randint(1, 9)
    values = list(_rows(number, rows))
    shape = SHAPES[number % len(SHAPES)]
    return Made(_key(number, shape), WRITE[shape](values), rows)


def _broken(number: int, draw: random.Random) -> Made:
    values = list(_rows(number, draw.randint(20, 40)))
    shape, reason = BROKEN[number // 10 % len(BROKEN)]
    if shape == "ndjson.gz" and reason == "unreadable":
        return Made(_key(number, shape), gzip.compress(ndjson(values)[:-9]), None, reason)
    if reason == "wrong-rows":
        return Made(_key(number, shape), b"t,x\nyesterday,1.0\n", None, reason)
    whole = WRITE[shape](values)
    body = csv(values) if reason == "not-gzip" else whole[: -(len(whole) // 3)]
    return Made(_key(number, shape), body, None, reason.replace("not-gzip", PACKED))


def _rows(number: int, rows: int) -> Iterator[dict[str, float]]:
    # every object says its own things, so that no two are equal
    for index in range(rows):
        yield {"t": float(ORIGIN + index), "x": float((number + index) % 3), "n": float(number)}


def _key(number: int, shape: str) -> str:
    return f"{PREFIX}/dt=2026-01-{1 + number % 28:02d}/part {number:05d}.{shape}"


def json_rows(rows: list[dict[str, float]]) -> bytes:
    return json.dumps(rows).encode()


def ndjson(rows: list[dict[str, float]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def csv(rows: list[dict[str, float]]) -> bytes:
    return pl.DataFrame(rows).write_csv().encode()


def parquet(rows: list[dict[str, float]]) -> bytes:
    out = io.BytesIO()
    pl.DataFrame(rows).write_parquet(out)
    return out.getvalue()


PACKED = "unreadable-compression"
SHAPES = ("json", "ndjson.gz", "csv", "parquet")
WRITE = {
    "json": json_rows,
    "ndjson.gz": lambda rows: gzip.compress(ndjson(rows)),
    "csv": csv,
    "csv.gz": lambda rows: gzip.compress(csv(rows)),
    "parquet": parquet,
}
BROKEN = (
    ("json", "unreadable"),
    ("ndjson.gz", PACKED),
    ("ndjson.gz", "unreadable"),
    ("csv.gz", "not-gzip"),
    ("parquet", "unreadable"),
    ("csv", "wrong-rows"),
)
