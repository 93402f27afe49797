"""SageMaker's data capture: a line for each request, what was asked and answered as text in it."""

import base64
import binascii
from collections.abc import Iterator

from app.domain.batch import Layout, Table
from app.domain.errors import Fault, Invalid, LeewayError
from app.domain.rows.pointing import pointer
from app.sources.formats import Limits, from_rows
from app.sources.payloads._bodies import Row, rows_of_body
from app.sources.payloads._spec import Columns, Payload

CAPTURE, META = "captureData", "eventMetadata"
INPUT, OUTPUT = "endpointInput", "endpointOutput"
LIMITS = Limits(body=256_000_000, decoded=256_000_000, text=6_000_000, depth=8)
"""A request to an endpoint may have 6 MB, and it is one text here."""


def reshape(table: Table, columns: Columns, limits: Limits) -> Table:
    """Give every row of every request a row: its inputs, outputs, id and time."""
    captures = table.columns.get(CAPTURE, [])
    metas = table.columns.get(META, [])
    if not isinstance(captures, list) or not isinstance(metas, list) or not captures or not metas:
        raise Invalid(
            "these are no lines of data capture", (Fault(f"each line needs {CAPTURE} and {META}"),)
        )
    rows: list[object] = []
    for line, (capture, meta) in enumerate(zip(captures, metas, strict=True)):
        rows += _rows(line, capture, meta, columns)
    return from_rows(rows, Layout.ARRAY, limits)


def _rows(line: int, capture: object, meta: object, columns: Columns) -> Iterator[Row]:
    if not isinstance(capture, dict) or not isinstance(meta, dict):
        raise _fault(line, (), "the line is no record of data capture")
    inputs = _side(line, capture.get(INPUT), INPUT, columns.inputs, "input")
    names = columns.outputs or (columns.prediction,)
    asked = len(inputs)
    outputs = _side(line, capture.get(OUTPUT), OUTPUT, names, columns.prediction, asked)
    if inputs and outputs and len(inputs) != len(outputs):
        raise _fault(line, (CAPTURE, OUTPUT), "it answers another number of rows than were asked")
    known = meta.get("inferenceId") or meta.get("eventId")
    for place in range(max(len(inputs), len(outputs))):
        row = (inputs[place] if inputs else {}) | (outputs[place] if outputs else {})
        row = {columns.renames.get(name, name): value for name, value in row.items()}
        row[columns.timestamp] = meta.get("inferenceTime")
        # rows of one request must not pass for one another
        alone = max(len(inputs), len(outputs)) == 1
        row[columns.id] = known if alone or not isinstance(known, str) else f"{known}/{place}"
        yield row


def _side(
    line: int, side: object, which: str, names: tuple[str, ...], stem: str, rows: int = 0
) -> list[Row]:
    """Return the rows of what was asked, or answered; none where it was not captured."""
    if side is None:
        return []
    path = (CAPTURE, which, "data")
    if not isinstance(side, dict) or not isinstance(side.get("data"), str):
        raise _fault(line, path[:2], "there is no text in it")
    kind = str(side.get("observedContentType") or "").partition(";")[0].strip().lower()
    try:
        body = _opened(side["data"], side.get("encoding"))
        return rows_of_body(body, kind or _implied(side.get("encoding")), names, stem, rows)
    except (ValueError, LeewayError) as error:
        detail = error.detail if isinstance(error, LeewayError) else str(error)
        raise _fault(line, path, detail) from error


def _opened(data: str, encoding: object) -> bytes:
    if encoding != "BASE64":
        return data.encode()
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError("it is not base64") from error


def _implied(encoding: object) -> str:
    return {"CSV": "text/csv", "JSON": "application/json"}.get(str(encoding), "")


def _fault(line: int, path: tuple[str, ...], detail: str) -> Invalid:
    where = pointer((line, *path))
    return Invalid(
        f"a line of the capture cannot be read: {detail}",
        (Fault(detail, where, line, path[0] if path else None),),
    )


PAYLOAD = Payload("sagemaker", "application/x-ndjson", reshape, LIMITS)
