"""What is plain is read whole; whatever is not is left to the long way."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.api.edge.auth import digest
from app.api.plain import Rows, plain
from app.api.state import BodyLimits
from app.domain.sources.sequence import Numbered

HEAD = [
    (b"host", b"localhost:8000"),
    (b"content-type", b"application/json"),
    (b"content-length", b"2"),
]
API: Any = SimpleNamespace(
    draining=lambda: False, hosts=frozenset({"localhost"}), keys=(), limits=BodyLimits()
)


def scope(
    path: str = "/v1/models/m-1/batches",
    headers: list[tuple[bytes, bytes]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    head = HEAD if headers is None else headers
    return {"type": "http", "method": "POST", "path": path, "headers": head} | {
        "query_string": b"",
        "root_path": "",
        **more,
    }


def with_header(name: bytes, value: bytes) -> list[tuple[bytes, bytes]]:
    return [*(one for one in HEAD if one[0] != name), (name, value)]


def read(**more: Any) -> Rows:
    found = plain(scope(**more), API)
    assert found is not None
    return found


def test_a_plain_request_says_all_that_is_known() -> None:
    found = read()
    assert (found.model, found.version, found.key, found.source) == ("m-1", None, None, "http")
    assert (found.form.name, found.media_type, found.query) == ("json", "application/json", "")


def test_its_headers_and_its_version_are_read() -> None:
    headers = [*HEAD, (b"idempotency-key", b"k/1"), (b"leeway-source", b"eu"), (b"accept", b"*/*")]
    found = read(headers=headers, query_string=b"version=v.2")
    assert (found.key, found.source, found.version) == ("k/1", "eu", "v.2")
    assert found.query == "version=v.2"


def test_an_encoding_that_is_known_is_read() -> None:
    assert read().encoding is None
    for known in (b"gzip", b"zstd"):
        encoding = read(headers=[*HEAD, (b"content-encoding", known)]).encoding
        assert encoding == known.decode()


def test_a_number_is_read_and_one_that_is_none_goes_the_long_way() -> None:
    assert read(headers=with_header(b"leeway-sequence", b"boot/17")).sequence == Numbered(
        "boot", 17
    )
    assert read().sequence is None
    for odd in (b"-1", b"a/b/1", b"9" * 16, b""):
        assert plain(scope(headers=with_header(b"leeway-sequence", odd)), API) is None


def test_a_prefix_of_a_proxy_is_no_part_of_the_path() -> None:
    assert read(path="/drift/v1/models/m/batches", root_path="/drift").model == "m"


@pytest.mark.parametrize(
    "odd",
    [
        {"method": "GET"},
        {"path": "/v1/models/m/batches/"},
        {"path": "/v1/models/m/batches/k"},
        {"path": "/v1/models/a b/batches"},
        {"path": "/v1/models/m\n/batches"},
        {"path": "/v1/models/-m/batches"},
        {"path": "/v1/models"},
        {"query_string": b"version="},
        {"query_string": b"version=a%62"},
        {"query_string": b"version=a&version=b"},
        {"query_string": b"a"},
        {"headers": HEAD[:2]},
        {"headers": HEAD[1:]},
        {"headers": [HEAD[0], HEAD[2]]},
        {"headers": [*HEAD, HEAD[0]]},
        {"headers": [*HEAD, HEAD[1]]},
        {"headers": [*HEAD, (b"transfer-encoding", b"chunked")]},
        {"headers": [*HEAD, (b"content-encoding", b"br")]},
        {"headers": [*HEAD, (b"content-encoding", b"gzip, gzip")]},
        {"headers": [*HEAD, (b"content-encoding", b"gzip"), (b"content-encoding", b"gzip")]},
        {"headers": [*HEAD, (b"sec-fetch-site", b"same-origin")]},
        {"headers": [*HEAD, (b"idempotency-key", b"a"), (b"idempotency-key", b"a")]},
        {"headers": [*HEAD, (b"idempotency-key", b"")]},
        {"headers": [*HEAD, (b"idempotency-key", b"a b")]},
        {"headers": [*HEAD, (b"idempotency-key", b"a" * 256)]},
        {"headers": [*HEAD, (b"leeway-source", b"-")]},
        {"headers": with_header(b"content-type", b"text/html")},
        {"headers": with_header(b"content-type", b"application/json; charset=latin-1")},
        {"headers": with_header(b"content-length", str(BodyLimits().rows + 1).encode())},
        {"headers": with_header(b"content-length", b"0000000002")},
        {"headers": with_header(b"content-length", b"-1")},
        {"headers": with_header(b"content-length", b"\xb2")},
        {"headers": with_header(b"host", b"evil.example")},
        {"headers": [*HEAD, (b"authorization", b"Bearer rtt_of-a-run")]},
    ],
)
def test_what_is_not_plain_takes_the_long_way(odd: dict[str, Any]) -> None:
    assert plain(scope(**odd), API) is None


def test_a_service_that_stops_and_one_with_keys_look_closer() -> None:
    stopping = SimpleNamespace(**vars(API) | {"draining": lambda: True})
    assert plain(scope(), stopping) is None  # type: ignore[arg-type]
    keyed: Any = SimpleNamespace(**vars(API) | {"keys": (digest("secret"),)})
    assert plain(scope(), keyed) is None
    for header, known in ((b"Bearer secret", True), (b"Bearer other", False)):
        headers = [*HEAD, (b"authorization", header)]
        assert (plain(scope(headers=headers), keyed) is not None) is known


@pytest.mark.parametrize(
    ("media_type", "plain_there"), [(b"application/json", False), (b"text/csv", False)]
)
def test_a_limit_below_the_usual_one_holds(media_type: bytes, plain_there: bool) -> None:
    narrow: Any = SimpleNamespace(**vars(API) | {"limits": BodyLimits(rows=1)})
    headers = with_header(b"content-type", media_type)
    assert (plain(scope(headers=headers), narrow) is not None) is plain_there
    columnar = with_header(b"content-type", b"application/vnd.apache.arrow.stream")
    assert plain(scope(headers=columnar), narrow) is not None
