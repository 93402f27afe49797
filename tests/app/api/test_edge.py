"""What every request passes: identity, log line, methods, limits, draining, the last resort."""

import gzip
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI

from app.api.application import http_app
from tests.app.api.service import calling, post, problem, rows, running, totals, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
SMALL = {"body_limit": 20_000, "inflated_limit": 40_000, "queue_limit": 50_000}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def narrow(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    """A service with small limits."""
    async with running(tmp_path_factory.mktemp("narrow"), **SMALL) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def squeezed(narrow: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(narrow) as made:
        await with_baseline(made, "m", rows(800))
        yield made


@pytest.mark.parametrize("given", ["a", "trace-1:2.3/x+=", "x" * 128])
async def test_a_sane_request_id_is_echoed(client: httpx.AsyncClient, given: str) -> None:
    for path in ("/healthz", "/nope", "/v1/models"):
        answer = await client.get(path, headers={"X-Request-ID": given})
        assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", "a\tb", "é"])
async def test_another_one_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/nope", headers=[("X-Request-ID", given.encode())])
    made = problem(answer, 404)["request_id"]
    assert made != given
    assert len(made) == 32


async def test_head_is_get_without_a_body(client: httpx.AsyncClient) -> None:
    for path in ("/", "/healthz", "/v1/models", "/metrics", "/docs", "/openapi.json"):
        head, get = await client.head(path), await client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/v1/models/m", "DELETE, GET, HEAD, PUT"),
        ("POST", "/v1/models", "GET, HEAD"),
        ("GET", "/v1/models/m/batches", "POST"),
        ("HEAD", "/v1/models/m/batches", "POST"),
        ("DELETE", "/v1/models/m/batches/k/k", "GET, HEAD"),
        ("POST", "/v1/targets/t", "DELETE, GET, HEAD, PUT"),
        ("OPTIONS", "/healthz", "GET, HEAD"),
        ("PUT", "/openapi.json", "GET, HEAD"),
        ("BREW", "/", "GET, HEAD"),
    ],
)
async def test_a_method_that_a_path_lacks(
    client: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allow
    if method != "HEAD":
        problem(answer, 405)


@pytest.mark.parametrize("path", ["/v2", "/v1/models/", "/v1/models/m/x", "/v1//models", "/.env"])
async def test_an_unknown_path_is_a_problem(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), 404)


async def test_draining_refuses_work_and_stays_alive(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    app.state.service.draining.set()
    try:
        refused = await client.get("/v1/models")
        problem(refused, 503)
        assert int(refused.headers["retry-after"]) >= 1
        assert (await client.get("/healthz")).status_code == 200
        unready = problem(await client.get("/readyz"), 503)
        assert "accepting" in [error["field"] for error in unready["errors"]]
        assert (await client.get("/metrics")).status_code == 200
    finally:
        app.state.service.draining.clear()
    assert (await client.get("/v1/models")).status_code == 200


async def test_our_own_fault_is_a_problem_without_internals(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    async def fails() -> None:
        raise RuntimeError("the secret detail")

    app.add_api_route("/fails", fails, include_in_schema=False)
    with structlog.testing.capture_logs() as lines:
        answer = await client.get("/fails")
    assert "secret detail" not in json.dumps(problem(answer, 500))
    assert [line["event"] for line in lines] == ["request_failed", "request"]
    assert (await client.get("/v1/models")).status_code == 200


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as captured:
        yield captured


async def test_one_line_for_a_request_and_nothing_of_its_values(
    client: httpx.AsyncClient, lines: list[Any]
) -> None:
    canary = "canary-4711"
    await client.put(
        f"/v1/models/{canary}?q={canary}",
        json={"window": canary},
        headers={"Authorization": f"Bearer {canary}", "Idempotency-Key": canary},
    )
    (line,) = [one for one in lines if one["event"] == "request"]
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "PUT",
        "route": "/v1/models/{model}",
        "status": 422,
    }
    assert canary not in json.dumps(lines)


async def test_polling_is_logged_for_debugging_only(
    client: httpx.AsyncClient, lines: list[Any]
) -> None:
    await client.get("/healthz")
    assert [line["log_level"] for line in lines if line["event"] == "request"] == ["debug"]


async def chunks(count: int, size: int, taken: list[int]) -> AsyncIterator[bytes]:
    for _ in range(count):
        taken.append(size)
        yield b" " * size


JSON = {"Content-Type": "application/json"}


async def test_a_claim_of_too_much_is_refused_unread(squeezed: httpx.AsyncClient) -> None:
    taken: list[int] = []
    answer = await squeezed.post(
        "/v1/models/m/batches",
        content=chunks(100, 1_000, taken),
        headers=JSON | {"Content-Length": "100000"},
    )
    problem(answer, 413)


@pytest.mark.parametrize("claim", [{}, {"Content-Length": "10"}])
async def test_too_much_is_refused_while_it_arrives(
    narrow: FastAPI, squeezed: httpx.AsyncClient, claim: dict[str, str]
) -> None:
    before = await totals(narrow, "m")
    answer = await squeezed.post(
        "/v1/models/m/batches", content=chunks(100, 1_000, []), headers=JSON | claim
    )
    problem(answer, 413)
    assert await totals(narrow, "m") == before
    assert narrow.state.api.budget.take(SMALL["queue_limit"] * 2)
    narrow.state.api.budget.give(SMALL["queue_limit"] * 2)


@pytest.mark.parametrize("claim", ["x", "-1", "1.5", "²"])
async def test_a_length_that_is_none(squeezed: httpx.AsyncClient, claim: str) -> None:
    headers = [("Content-Type", b"application/json"), ("Content-Length", claim.encode())]
    answer = await squeezed.post("/v1/models/m/batches", content=b"[]", headers=headers)
    assert problem(answer, 400)["type"].endswith(":malformed")


async def test_a_long_length_is_too_large(squeezed: httpx.AsyncClient) -> None:
    headers = JSON | {"Content-Length": "9" * 5_000}
    problem(await squeezed.post("/v1/models/m/batches", content=b"[]", headers=headers), 413)


async def test_a_small_body_that_opens_to_too_much(squeezed: httpx.AsyncClient) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    assert len(bomb) < SMALL["body_limit"]
    began = time.perf_counter()
    headers = JSON | {"Content-Encoding": "gzip"}
    answer = await squeezed.post("/v1/models/m/batches", content=bomb, headers=headers)
    problem(answer, 413)
    assert time.perf_counter() - began < 2


async def test_a_declaration_has_a_limit_of_its_own(client: httpx.AsyncClient) -> None:
    body = b'{"window": "1h"' + b" " * 1_000_000 + b"}"
    problem(await client.put("/v1/models/long", content=body, headers=JSON), 413)


async def test_when_memory_is_full_bodies_wait_elsewhere(
    narrow: FastAPI, squeezed: httpx.AsyncClient
) -> None:
    budget = narrow.state.api.budget
    assert budget.take(SMALL["queue_limit"] * 2)
    try:
        answer = await squeezed.post("/v1/models/m/batches", json=rows(10))
        assert problem(answer, 429)["type"].endswith(":overloaded")
        assert int(answer.headers["retry-after"]) >= 1
    finally:
        budget.give(SMALL["queue_limit"] * 2)
    assert (await post(squeezed, "m", rows(10)))["counted"] == 10


@pytest.mark.parametrize("sent", ["/pre/healthz", "/healthz"])
async def test_a_prefix_of_a_proxy_is_understood_stripped_or_not(app: FastAPI, sent: str) -> None:
    prefixed = http_app("0", root_path="/pre")
    prefixed.state.api = app.state.api
    async with calling(prefixed) as caller:
        assert (await caller.get(sent)).status_code == 200
        root = (await caller.get("/pre/")).json()
        assert root["links"]["docs"] == "/pre/docs"
        problem(await caller.get("/pre/nope"), 404)
        assert (await caller.post("/pre/healthz")).headers["allow"] == "GET, HEAD"
