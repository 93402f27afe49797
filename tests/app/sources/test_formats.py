"""The open folder: how a format is found, and that all of them say the same about the same rows."""

import contextlib
import io
import json
import pkgutil

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import LeewayError, Unsupported
from app.domain.model import Feature, Kind
from app.domain.rows.values import Levels, coerce
from app.sources import formats
from app.sources.formats import FORMATS, Limits, decode, find_format
from tests.app.sources.columns import rows_of

MEDIA_TYPES = ["application/json", "text/csv", "application/vnd.apache.parquet"]


def test_every_module_without_underscore_that_is_a_format_is_found() -> None:
    modules = {m.name for m in pkgutil.iter_modules(formats.__path__) if m.name[0] != "_"}
    assert {form.name for form in FORMATS.values()} == modules - {"scan"}
    assert set(MEDIA_TYPES) <= FORMATS.keys()


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ('application/json; charset="UTF-8"', "json"),
        ("text/csv; header=present; charset=utf8", "csv"),
        ("application/json; header=absent", "json"),
        ("application/x-parquet", "parquet"),
    ],
)
def test_finds_a_format(content_type: str, name: str) -> None:
    assert find_format(content_type).name == name


@pytest.mark.parametrize(
    "content_type",
    [None, "", ";", "text/plain", "application/octet-stream", "json", "text/csv; charset=latin-1"],
)
def test_refuses_what_it_does_not_read(content_type: str | None) -> None:
    with pytest.raises(Unsupported) as caught:
        find_format(content_type)
    assert caught.value.faults


@pytest.mark.parametrize("parameter", ["header=absent", ' HEADER = "Absent"; charset=utf-8'])
def test_csv_that_says_it_has_no_header_is_refused(parameter: str) -> None:
    with pytest.raises(Unsupported, match="CSV needs a header"):
        find_format(f"text/csv;{parameter}")


def test_columnar_bodies_may_be_larger() -> None:
    plain, columnar = FORMATS[MEDIA_TYPES[0]], FORMATS[MEDIA_TYPES[2]]
    assert columnar.columnar
    assert columnar.limits.decoded == 4 * plain.limits.decoded
    assert columnar.limits.body == 2 * plain.limits.body


@pytest.mark.parametrize("media_type", sorted({f.media_types[0] for f in FORMATS.values()}))
@given(body=st.binary(max_size=200))
def test_garbage_decodes_or_is_refused(media_type: str, body: bytes) -> None:
    with contextlib.suppress(LeewayError):
        assert decode(body, media_type).rows > 0


@pytest.mark.parametrize("name", ["array", "rows", "columns", "lines", "csv", "parquet", "arrow"])
@given(data=st.data())
def test_sound_bodies_with_some_bytes_changed_decode_or_are_refused(
    name: str, data: st.DataObject
) -> None:
    body = bytearray(MANY[name])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(LeewayError):
        table = decode(bytes(body), TYPES[name])
        assert {len(column) for column in rows_of(table).values()} <= {table.rows}


ROW = st.fixed_dictionaries(
    {
        "n": st.none()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.integers(-(2**53), 2**53),
        "t": st.none()
        | st.sampled_from(["x", "1", "1.0", "007", "true", "\u00e9", "a,b", 'q"', "l\nf"]),
    }
)


def bodies(rows: list[dict[str, object]]) -> dict[str, bytes]:
    frame = pl.DataFrame(
        {"n": [row["n"] for row in rows], "t": [row["t"] for row in rows]},
        schema={"n": pl.Float64, "t": pl.String},
        strict=False,
    )
    out = io.BytesIO()
    frame.write_parquet(out)
    arrow = io.BytesIO()
    frame.with_columns(pl.col("t").cast(pl.Categorical)).write_ipc_stream(arrow)
    columns = {name: [row[name] for row in rows] for name in ("n", "t")}
    return {
        "array": json.dumps(rows).encode(),
        "rows": json.dumps({"rows": rows}).encode(),
        "columns": json.dumps({"columns": columns}).encode(),
        "lines": "\n".join(map(json.dumps, rows)).encode(),
        "csv": frame.write_csv(float_scientific=True, float_precision=17).encode(),
        "parquet": out.getvalue(),
        "arrow": arrow.getvalue(),
    }


TYPES = {
    **dict.fromkeys(("array", "rows", "columns"), MEDIA_TYPES[0]),
    "lines": "application/x-ndjson",
    "csv": MEDIA_TYPES[1],
    "parquet": MEDIA_TYPES[2],
    "arrow": "application/vnd.apache.arrow.stream",
}
MANY = bodies([{"n": 0.1 * i - 9, "t": f"text {i % 7}"} for i in range(1_500)])
"""Bodies that are long enough for the fast ways."""


@pytest.mark.parametrize("times", [1, 150], ids=["short", "long"])
@given(rows=st.lists(ROW, min_size=1, max_size=20))
def test_all_formats_give_the_same_values(rows: list[dict[str, object]], times: int) -> None:
    rows = rows * times
    found = set()
    for name, body in bodies(rows).items():
        table = decode(body, TYPES[name])
        numbers = coerce(table.columns["n"], Feature("n", Kind.NUMERIC), untyped=table.untyped)
        levels = coerce(table.columns["t"], Feature("t", Kind.CATEGORICAL), untyped=table.untyped)
        assert isinstance(levels, Levels)
        assert not isinstance(numbers, Levels)
        assert not numbers.invalid.any()
        assert not levels.invalid.any()
        texts = tuple(levels.dictionary[code] if code >= 0 else None for code in levels.codes)
        found.add((tuple(map(repr, (numbers.values + 0.0).tolist())), texts))
    assert len(found) == 1


def test_limits_say_what_is_documented() -> None:
    limits = Limits()
    assert (limits.body, limits.decoded, limits.ratio) == (32_000_000, 64_000_000, 100)
    assert (limits.text, limits.depth) == (8_192, 4)
