"""Starts the service in this process, and speaks to it in a few words."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from tests import conserved

KEY = "a-key-of-the-tests-0001"
OTHER_KEY = "a-key-of-the-tests-0002"
START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROBLEM = "application/problem+json"
Rows = list[dict[str, Any]]


@asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[FastAPI]:
    """Run an application through its lifespan."""
    app = create_app(Settings(data_dir=folder, **settings), variables={})
    async with app.router.lifespan_context(app):
        yield app
        await add_up(app)


async def add_up(app: FastAPI) -> None:
    """Check that the database agrees with itself, and, once nothing moves, with ``/metrics``."""
    store = app.state.api.store
    await conserved.check(store)
    before = await conserved.balances(store)
    text = (await app.state.api.metrics("text/plain")).body.decode()
    if await conserved.balances(store) == before:
        conserved.check_metrics(text, before)


@asynccontextmanager
async def calling(app: FastAPI, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", **options
    ) as made:
        yield made


def stamp(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def rows(count: int, start: datetime = START, **columns: Sequence[Any]) -> Rows:
    """Return rows spread over an hour; each column repeats its values."""
    made = columns or {"x": [float(i) for i in range(50)], "colour": ["red", "green", "blue"]}
    return [
        {"timestamp": stamp(start + HOUR * i / count)}
        | {name: values[i % len(values)] for name, values in made.items()}
        for i in range(count)
    ]


async def with_baseline(
    client: httpx.AsyncClient, model: str, reference: Rows | None = None
) -> None:
    """Declare a model and upload its reference."""
    declared = await client.put(f"/v1/models/{model}", json={})
    assert declared.status_code == 201, declared.text
    made = await client.post(f"/v1/models/{model}/baselines", json=reference or rows(2_000))
    assert made.status_code == 201, made.text


async def post(
    client: httpx.AsyncClient, model: str, batch: Rows, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = await client.post(f"/v1/models/{model}/batches", json=batch, headers=headers)
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def judged(
    client: httpx.AsyncClient, app: FastAPI, model: str, start: datetime = START
) -> dict[str, Any]:
    """Send a row of two hours later, so that the window closes, and return its judgement."""
    later = rows(1, start + 2 * HOUR)
    await post(client, model, later, {"Idempotency-Key": f"close-{stamp(start)}"})
    for _ in range(1_200):
        app.state.service.workers.closing.signal.set()
        answer = await client.get(f"/v1/models/{model}/windows/{stamp(start)}")
        assert answer.status_code == 200, answer.text
        window: dict[str, Any] = answer.json()
        if window["verdict"] is not None:
            return window
        await asyncio.sleep(0.05)
    raise AssertionError("the window was not judged")


async def totals(app: FastAPI, model: str) -> dict[str, int]:
    """Return what the model received and counted so far."""
    async with app.state.api.store.read() as unit:
        sums = [one for one in await unit.views.tallies() if one.model == model]
    names = ("received", "counted", "duplicate", "late", "rejected")
    return {name: sum(getattr(one, name) for one in sums) for name in names}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Check that an answer is a whole problem of this status, and return it."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == PROBLEM
    found: dict[str, Any] = answer.json()
    members = {"type", "title", "status", "detail", "errors", "errors_left_out", "request_id"}
    assert found.keys() == members
    assert found["status"] == status
    assert found["type"].startswith("urn:leeway:problem:")
    assert found["request_id"] == answer.headers["x-request-id"]
    assert len(found["errors"]) <= 100
    return found
