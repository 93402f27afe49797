"""Damages small Parquet and Arrow bodies and reads them; run in a process of its own.

``python -m tests.app.sources.damage SEED COUNT`` prints what neither becomes a table nor is
refused, and ends as it should unless a reader ends the process.
"""

import datetime as dt
import io
import random
import sys
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.errors import Invalid
from app.domain.model import Settings
from app.domain.rows.profile import tally
from app.sources.formats import decode
from tests.app.domain.tables import SCHEMA, TIMELESS, envelope, reference, stored

PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
Body = tuple[str, bytes]
GRIDS = stored(reference())
ODD = (0, 1, 127, 128, 255)


def bodies() -> list[Body]:
    """Texts of all layouts, short and long, beside numbers and times, all with nulls."""
    texts = pa.array(["red", None, "green", "a level of more than twelve", "x", "x"])
    times = pa.array([dt.datetime(2026, 1, 5, tzinfo=dt.UTC)] * 6, pa.timestamp("us", "UTC"))
    table = pa.table({"timestamp": times, "amount": [1.0, None, 3, 4, 5, 6], "colour": texts})
    viewed = table.set_column(2, "colour", texts.cast(pa.string_view()))
    coded = table.set_column(2, "colour", texts.dictionary_encode())
    ended = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 6], pa.int32()), texts[:3])
    runs = table.set_column(2, "colour", ended)
    listing = table.set_column(1, "amount", pa.array([[1.0], None, [], None, [2.0], [3.0]]))
    return [
        (PARQUET, parquet(table)),
        (PARQUET, parquet(table, compression="none", use_dictionary=False, store_schema=False)),
        (PARQUET, parquet(coded, data_page_version="2.0")),
        *((ARROW, arrow(each)) for each in (table, viewed, coded, runs, listing)),
        (ARROW, arrow(table, compression="zstd")),
    ]


def parquet(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def arrow(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()


def footers() -> Iterator[Body]:
    """Yield a small Parquet body once for each bit of its footer, with that bit flipped."""
    body = parquet(pa.table({"colour": ["red", None, "x"]}))
    end = len(body) - 8
    for at in range(end - int.from_bytes(body[end : end + 4], "little"), end):
        for bit in range(8):
            yield PARQUET, changed(body, {at: body[at] ^ (1 << bit)})


def damaged(seed: int, count: int) -> Iterator[Body]:
    """Yield bodies of which some bytes are others."""
    chance = random.Random(seed)
    given = bodies()
    for _ in range(count):
        kind, body = chance.choice(given)
        places = [chance.randrange(len(body)) for _ in range(chance.choice((1, 1, 2, 4)))]
        flipped = {at: body[at] ^ (1 << chance.randrange(8)) for at in places}
        odd = {at: chance.choice((*ODD, chance.randrange(256))) for at in places}
        yield kind, changed(body, chance.choice((flipped, odd)))


def changed(body: bytes, places: dict[int, int]) -> bytes:
    out = bytearray(body)
    for at, byte in places.items():
        out[at] = byte
    return bytes(out)


def trouble(kind: str, body: bytes) -> str | None:
    """Return what went wrong with a body that was neither read nor refused."""
    try:
        table = decode(body, kind)
        for schema in (SCHEMA, TIMELESS):
            counted = tally(table, schema, GRIDS, envelope(), Settings())
            if counted.rows != table.rows:
                return f"{counted.rows} of {table.rows} rows were counted"
    except Invalid:
        return None
    except BaseException as error:  # noqa: BLE001  whatever it is, it must not be
        return repr(error)
    return None


def main(seed: int, count: int) -> None:
    for given in (footers(), damaged(seed, count)):
        for number, (kind, body) in enumerate(given):
            found = trouble(kind, body)
            if found:
                sys.stdout.write(f"{number} {kind} {found}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
