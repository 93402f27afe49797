"""Lines of SageMaker's data capture: every encoding, several rows a request, faults by line."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid, LeewayError
from app.sources.payloads import Columns, decode_object
from tests.app.sources.columns import rows_of

DATA = Path(__file__).parent / "data"
NAMED = Columns(inputs=("age", "visits", "amount", "country"))


def record(
    data: object = "1,2", answer: object = "0.5", kind: str = "text/csv", encoding: str = "CSV"
) -> dict[str, Any]:
    def side(what: object, mode: str) -> dict[str, object]:
        return {"observedContentType": kind, "mode": mode, "data": what, "encoding": encoding}

    capture = {"endpointInput": side(data, "INPUT"), "endpointOutput": side(answer, "OUTPUT")}
    meta = {"eventId": "e", "inferenceTime": "2022-02-14T17:25:49Z"}
    return {"captureData": capture, "eventMetadata": meta, "eventVersion": "0"}


def lines(*records: object) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


def test_text_by_position() -> None:
    table = decode_object("sagemaker", DATA / "capture_csv.jsonl", NAMED)
    assert table.rows == 3
    assert rows_of(table) == {
        "age": [69, 12, "007"],
        "visits": [0, 1, 2],
        "amount": [153.7, None, 1000.0],
        "country": ["NZ", "AU, west", None],
        "prediction": [0.0254181120544672, 0.5, 0.75],
        "timestamp": ["2022-02-14T17:25:49Z", *["2022-02-14T17:26:00Z"] * 2],
        "id": ["aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "order-17/0", "order-17/1"],
    }


def test_json_in_every_shape() -> None:
    columns = Columns(inputs=("age", "country"), renames={"country": "land"}, id="row")
    found = rows_of(decode_object("sagemaker", DATA / "capture_json.jsonl", columns))
    assert found["age"] == [69, 12, 30, 31, 40, 41, 50]
    assert found["land"] == ["NZ", None, "AU", "NZ", "NZ", "AU", "FJ"]
    assert found["prediction"] == [0.25, 0.75, 0.1, 0.2, 0.3, 0.4, None]
    assert found["row"] == ["e1/0", "e1/1", "e2/0", "e2/1", "e3/0", "e3/1", "e4"]


def test_columns_without_a_name_are_numbered() -> None:
    found = rows_of(decode_object("sagemaker", lines(record("1,2", "0.5,no"))))
    assert [found[n] for n in ("input_0", "input_1", "prediction_0", "prediction_1")] == [
        [1],
        [2],
        [0.5],
        ["no"],
    ]
    named = Columns(outputs=("score", "label"))
    found = rows_of(decode_object("sagemaker", lines(record("1", "0.5,no")), named))
    assert (found["score"], found["label"]) == ([0.5], ["no"])


@pytest.mark.parametrize(
    ("bad", "tail"),
    [
        (record("1,2,3"), "captureData/endpointInput/data"),
        (record('1,"x'), "captureData/endpointInput/data"),
        (record("1,a\nb,2\n", "1\n2\n3"), "captureData/endpointOutput"),
        (record("%%%", "", encoding="BASE64"), "captureData/endpointInput/data"),
        (record(base64.b64encode(b"\xff,1").decode(), encoding="BASE64"),
         "captureData/endpointInput/data"),
        (record("[NaN]", kind="application/json"), "captureData/endpointInput/data"),
        (record('{"a":1,"a":2}', kind="application/json"), "captureData/endpointInput/data"),
        (record("1,2", kind="image/png"), "captureData/endpointInput/data"),
        (record(5), "captureData/endpointInput"),
        (record("1," + "x" * 9_000), "captureData/endpointInput/data"),
        (record(base64.b64encode(b"1,a\0b").decode(), encoding="BASE64"),
         "captureData/endpointInput/data"),
        ({"captureData": 1, "eventMetadata": {}}, ""),
        ({"captureData": {}}, ""),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(bad: object, tail: str) -> None:
    body = lines(record("hunter2,2"), bad)
    with pytest.raises(Invalid) as caught:
        decode_object("sagemaker", body, Columns(inputs=("a", "b")))
    fault = caught.value.faults[0]
    assert fault.row == 1
    assert fault.pointer == ("/1/" + tail).rstrip("/")
    assert "hunter2" not in str(caught.value) + repr(caught.value.faults)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"a":1}', b"[1]", lines(record())[:-9], b"\x1f\x8b"]
)
def test_what_is_no_capture_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        decode_object("sagemaker", body)


VALUES = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
BODIES = st.text(max_size=20) | st.recursive(
    VALUES, lambda inner: st.dictionaries(st.sampled_from(["instances", "features", "a"]), inner)
).map(json.dumps)


@given(
    BODIES,
    BODIES,
    st.sampled_from(["text/csv", "application/json", "application/jsonlines", "", "text/plain"]),
    st.sampled_from(["CSV", "JSON", "BASE64", "?"]),
)
def test_any_text_in_it_is_read_or_refused(data: str, answer: str, kind: str, code: str) -> None:
    if code == "BASE64":
        data = base64.b64encode(data.encode()).decode()
    try:
        table = decode_object("sagemaker", lines(record(data, answer, kind, code)))
    except LeewayError:
        return
    assert table.rows > 0
    assert {len(column) for column in rows_of(table).values()} == {table.rows}
