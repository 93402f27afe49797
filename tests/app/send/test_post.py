"""What the service answers, and what becomes of a batch then: scripted on a real socket."""

import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from app.domain.model import HOLDS_TIMES
from app.domain.sources.sequence import Numbered
from app.send.order import AWAY, Order, Stop
from app.send.part import Part
from app.send.post import Acknowledged, Declared, Poster, Rejected
from app.send.show import refusals
from app.send.show import untimed as untimed_lines
from app.send.tally import Tally

PART = Part(2, 20, 10, b"a\n1\n", "text/csv", line=22)
RECEIPT = {"received": 10, "counted": 7, "duplicate": 2, "late": 1, "rejected": 0}
CUT = (0, {}, None)

Answer = tuple[int, dict[str, str], object]


def problem(status: int, kind: str, detail: str = "why", **more: object) -> Answer:
    body = {"type": f"urn:leeway:problem:{kind}", "detail": detail, "errors": [], **more}
    return status, {"Content-Type": "application/problem+json"}, body


OK: Answer = (200, {"Content-Type": "application/json"}, RECEIPT)


class _Scripted(ThreadingHTTPServer):
    def __init__(self, answers: Sequence[Answer]) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Scripted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.path, headers, body))
        status, more, answer = self.server.answers.pop(0)
        if not status:
            self.close_connection = True
            return
        text = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**more, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def scripted(*answers: Answer, patience: float = 60.0) -> Iterator[tuple[_Scripted, Poster]]:
    with _Scripted(answers) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        url = f"http://127.0.0.1:{server.server_port}"
        order = Order((), url, "a model/1", version="v 2", source="night", patience=patience)
        with httpx.Client(base_url=url, trust_env=False) as http:
            yield server, Poster(http, order, random.Random(1))
        server.shutdown()


def test_columns_of_times_are_told_where_none_is_the_event_time() -> None:
    made = "2026-01-01T00:00:00Z"
    at = {"name": "at", "role": "feature", "why": f"text; {HOLDS_TIMES}"}
    other = {"name": "x", "role": "feature", "why": "numbers"}
    time = {"name": "t", "role": "timestamp", "why": "declared"}
    untimed = Declared.of({"created_at": made, "schema": {"features": [at, other]}})
    assert untimed == Declared(made, ("at",))
    (line,) = untimed_lines("m", untimed)
    assert "model 'm' has no time column" in line
    assert "Times are in 'at'" in line
    timed = Declared.of({"created_at": made, "schema": {"features": [at, time]}})
    assert list(untimed_lines("m", timed)) == []
    assert Declared.of({"created_at": made, "schema": None}) == Declared(made)


def test_a_batch_goes_with_its_key_version_and_source() -> None:
    with scripted(OK) as (server, poster):
        assert poster.post(PART, "k:2") == Acknowledged(PART, 7, 2, 1, replayed=False)
    ((path, headers, body),) = server.seen
    assert path in {
        "/v1/models/a%20model%2F1/batches?version=v%202",
        "/v1/models/a%20model%2F1/batches?version=v+2",
    }
    assert (headers["idempotency-key"], headers["leeway-source"]) == ("k:2", "night")
    assert (headers["content-type"], body) == ("text/csv", PART.body)


def test_a_batch_goes_with_its_number_and_a_rejected_one_names_it() -> None:
    seven = Numbered("file-7d0c", 7)
    with scripted(OK, problem(422, "invalid"), OK) as (server, poster):
        poster.post(PART, "k", seven)
        rejected = poster.post(PART, "k", seven)
        poster.post(PART, "k")
    sent = [headers.get("leeway-sequence") for _, headers, _ in server.seen]
    assert sent == ["file-7d0c/7", "file-7d0c/7", None]
    assert isinstance(rejected, Rejected)
    tally = Tally("rows.csv")
    tally.add(rejected)
    assert list(refusals(tally))[-1].endswith("as a file with --sequence file-7d0c/7")


@pytest.mark.parametrize(
    "first",
    [
        CUT,
        problem(503, "draining"),
        problem(429, "overloaded"),
        problem(409, "in-flight"),
        (502, {"Content-Type": "text/html"}, "a proxy's own page"),
    ],
)
def test_what_may_pass_is_tried_again_under_the_same_key(first: Answer) -> None:
    with scripted(first, OK) as (server, poster):
        assert isinstance(poster.post(PART, "k"), Acknowledged)
    assert poster.retries == 1
    assert [headers["idempotency-key"] for _, headers, _ in server.seen] == ["k", "k"]
    assert len({body for _, _, body in server.seen}) == 1


def test_a_repeat_is_known_as_one() -> None:
    replayed = (200, {**OK[1], "Idempotent-Replayed": "true"}, RECEIPT)
    with scripted(replayed) as (_, poster):
        found = poster.post(PART, "k")
    assert isinstance(found, Acknowledged)
    assert found.replayed


def test_a_rejected_batch_names_rows_of_the_file() -> None:
    faults = [{"row": 4, "field": "t", "detail": "is no time"}, {"row": None, "field": None}]
    many = problem(422, "invalid", "times", errors=faults, errors_left_out=9)
    with scripted(many) as (_, poster):
        found = poster.post(PART, "k")
    assert isinstance(found, Rejected)
    assert found.detail == "422 times"
    assert found.places[0] == "row 25 (line 26), column 't': is no time"
    assert found.places[-1] == "and 6 more"


@pytest.mark.parametrize(
    "answer",
    [
        problem(404, "not-found"),
        problem(401, "unauthorized"),
        problem(415, "unsupported"),
        problem(409, "no-baseline"),
        problem(422, "key-reused"),
    ],
)
def test_what_no_batch_can_help_stops_everything(answer: Answer) -> None:
    with scripted(answer) as (server, poster), pytest.raises(Stop, match="the service refuses"):
        poster.post(PART, "k")
    assert len(server.seen) == 1


def test_patience_ends() -> None:
    busy = [problem(503, "draining")] * 50
    with scripted(*busy, patience=0.3) as (_, poster), pytest.raises(Stop) as found:
        poster.post(PART, "k")
    assert found.value.status == AWAY


def test_stopping_wakes_those_that_wait() -> None:
    away = (503, {"Retry-After": "20"}, {})
    with scripted(away, away) as (_, poster):
        threading.Timer(0.1, poster.stop).start()
        with pytest.raises(Stop, match="stopped"):
            poster.post(PART, "k")


def test_an_unknown_model_is_refused_with_the_way_out() -> None:
    with (
        scripted(problem(404, "not-found", "there is no such model")) as (_, poster),
        pytest.raises(Stop, match=r"declare it first: PUT /v1/models/a%20model%2F1"),
    ):
        poster.post(PART, "k:2")


def test_the_way_out_is_said_once() -> None:
    detail = "there is no model 'nope'; declare it first: PUT /v1/models/nope"
    with (
        scripted(problem(404, "not-found", detail)) as (_, poster),
        pytest.raises(Stop) as stopped,
    ):
        poster.post(PART, "k:2")
    assert str(stopped.value) == f"the service refuses: 404 {detail}"
