"""The short way answers as the long way does."""

from collections import Counter
from types import SimpleNamespace

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from starlette.types import Message

from app.api.application import http_app
from app.api.state import Budget
from app.metrics import Requests
from tests.app.api.service import rows, with_baseline
from tests.app.api.test_plain import API, scope

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG_WAY = {"Sec-Fetch-Site": "none"}
"""Says nothing, and is not plain."""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (rows(3), 200),
        (rows(2_000), 200),
        ([*rows(2_000), {"timestamp": "tomorrow", "x": 1.0}], 422),
        ({"rows": rows(2_000), "more": 1}, 400),
        ([{"timestamp": "2024-01-01T00:01:00Z", "x": "no", "strange": 1}], 200),
        ([{"timestamp": "tomorrow", "x": 1.0}], 422),
        ([], 400),
        ({"rows": 1}, 400),
    ],
)
async def test_both_ways_answer_alike(
    client: httpx.AsyncClient, name: str, body: object, status: int
) -> None:
    await with_baseline(client, name)
    path, content = f"/v1/models/{name}/batches", msgspec.json.encode(body)
    answers = []
    for way in ({}, LONG_WAY):
        headers = {"Content-Type": "application/json", "X-Request-ID": "r1", **way}
        answers.append(await client.post(path, content=content, headers=headers))
    short, long = answers
    assert (short.status_code, long.status_code) == (status, status)
    replayed = dict(long.headers)
    if status == 200 and replayed.pop("idempotent-replayed", None):
        assert short.json() == long.json()
    elif status != 200:
        assert short.content == long.content
    assert dict(short.headers) == replayed | {"content-length": short.headers["content-length"]}


@pytest.mark.parametrize("way", [{}, LONG_WAY])
async def test_both_ways_know_a_key_again(
    client: httpx.AsyncClient, name: str, way: dict[str, str]
) -> None:
    await with_baseline(client, name)
    path, headers = f"/v1/models/{name}/batches", {"Idempotency-Key": "k", **way}
    first = await client.post(path, json=rows(3), headers=headers)
    again = await client.post(path, json=rows(3), headers={"Idempotency-Key": "k"})
    other = await client.post(path, json=rows(4), headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422


@pytest.mark.parametrize("way", [{}, LONG_WAY])
async def test_both_ways_miss_a_model_that_is_not_there(
    client: httpx.AsyncClient, way: dict[str, str]
) -> None:
    answer = await client.post("/v1/models/nobody/batches", json=rows(1), headers=way)
    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


class Breaking:
    """An intake with a fault of ours."""

    async def ingest(self, _posted: object) -> None:
        raise RuntimeError("the secret detail")


def broken() -> tuple[FastAPI, Counter[tuple[str, int]]]:
    app, refused = http_app("1"), Counter[tuple[str, int]]()
    app.state.api = SimpleNamespace(
        **vars(API) | {"intake": Breaking(), "budget": Budget(100)},
        refused=refused,
        requests=Requests(),
    )
    return app, refused


async def ask(app: FastAPI, messages: list[Message]) -> list[Message]:
    sent: list[Message] = []
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope(), receive, send)
    return sent


async def test_a_fault_of_ours_is_a_problem_without_internals() -> None:
    app, refused = broken()
    start, end = await ask(app, [{"type": "http.request", "body": b'[{"x":1}]'}])
    assert start["status"] == 500
    assert b"secret" not in end["body"]
    assert refused == {("/v1/models/{model}/batches", 500): 1}


async def test_bodies_come_in_parts_and_take_memory_that_is_given_back() -> None:
    app, _ = broken()
    parts = [
        {"type": "http.request", "body": b'[{"x":', "more_body": True},
        {"type": "http.request", "body": b"1}]", "more_body": False},
    ]
    assert (await ask(app, parts))[0]["status"] == 500
    assert app.state.api.budget.take(100)
    start, _ = await ask(app, parts)
    assert start["status"] == 429


async def test_nobody_is_answered_who_has_left() -> None:
    app, _ = broken()
    assert await ask(app, [{"type": "http.disconnect"}]) == []
