"""The yardstick: FastAPI routes that read a body, or read and decode it, and do nothing else.

``python -m benchmarks.intake.bare PORT``, under uvicorn as the service runs.
"""

import gzip
import io
import sys
from collections.abc import Callable, Mapping

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import uvicorn
from fastapi import FastAPI, Request, Response

from benchmarks.intake.traffic import FEATURES, NUMBERS

NAMES = FEATURES[:NUMBERS]
_FIELDS = [("id", int), ("timestamp", str), *((name, float) for name in NAMES)]
_FIELDS += [(name, str) for name in FEATURES[NUMBERS:]]
Row = msgspec.defstruct("Row", _FIELDS, gc=False)
Columns = msgspec.defstruct("Columns", [(name, list[kind]) for name, kind in _FIELDS])
Body = msgspec.defstruct("Body", [("columns", Columns)])
_rows = msgspec.json.Decoder(list[Row])
_columns = msgspec.json.Decoder(Body)


def json_rows(body: bytes) -> object:
    rows = _rows.decode(body)
    return [np.array([getattr(row, name) for row in rows]) for name in NAMES]


def json_columns(body: bytes) -> object:
    columns = _columns.decode(body).columns
    return [np.array(getattr(columns, name)) for name in NAMES]


def arrow_stream(body: bytes) -> object:
    table = pa.ipc.open_stream(body).read_all()
    return [table.column(name).to_numpy() for name in NAMES]


DECODERS: Mapping[str, Callable[[bytes], object]] = {
    "json-rows": json_rows,
    "json-columns": json_columns,
    "ndjson": lambda body: pl.read_ndjson(io.BytesIO(body)),
    "csv": lambda body: pl.read_csv(io.BytesIO(body)),
    "parquet": lambda body: pq.read_table(io.BytesIO(body)),
    "arrow-stream": arrow_stream,
    "json-rows-gzip": lambda body: json_rows(gzip.decompress(body)),
}
"""Each library's plain call, by the format's path."""

app = FastAPI()
ANSWER = b'{"read":true}'


@app.get("/readyz")
async def ready() -> Response:
    return Response(ANSWER, media_type="application/json")


@app.post("/read")
async def read(request: Request) -> Response:
    await request.body()
    return Response(ANSWER, media_type="application/json")


@app.post("/decode/{form}")
async def decode(form: str, request: Request) -> Response:
    DECODERS[form](await request.body())
    return Response(ANSWER, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), http="httptools", access_log=False, log_level="warning")
