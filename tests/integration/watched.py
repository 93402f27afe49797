"""A model of the served Leeway: its declaration, rows that drift or do not, and what is asked."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

Found = TypeVar("Found")

START = datetime(2026, 3, 2, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
COLUMNS = [
    {"name": "at", "kind": "ignored", "role": "timestamp"},
    {"name": "x", "kind": "numeric"},
]


def rows(start: datetime, shift: float, count: int = 400) -> list[str]:
    """Rows whose x tells the label, spread over an hour."""
    made = ["at,x,label"]
    for i in range(count):
        at = (start + HOUR * i / count).isoformat().replace("+00:00", "Z")
        made.append(f"{at},{shift + 10 * (i % 2) + i % 7 / 10},{i % 2}")
    return made


def unlabelled(lines: list[str]) -> list[str]:
    return [",".join(line.split(",")[:2]) for line in lines]


def csv(lines: list[str]) -> dict[str, Any]:
    return {"content": "\n".join(lines).encode(), "headers": {"Content-Type": "text/csv"}}


async def put(leeway: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    made = await leeway.put(path, json=body)
    assert made.status_code == 201, made.text


async def declared(leeway: httpx.AsyncClient, model: str) -> None:
    """Declare a model that is judged hourly, with its reference."""
    await put(leeway, f"/v1/models/{model}", {"schema": {"features": COLUMNS}, "window": "1h"})
    first = await leeway.post(f"/v1/models/{model}/baselines", **csv(rows(START - HOUR, 0.0)))
    assert first.status_code == 201, first.text


async def post(leeway: httpx.AsyncClient, model: str, key: str, lines: list[str]) -> None:
    sent = csv(unlabelled(lines))
    sent["headers"] |= {"Idempotency-Key": key}
    batch = await leeway.post(f"/v1/models/{model}/batches", **sent)
    assert batch.status_code == 200, batch.text


async def until(ask: Callable[[], Awaitable[Found | None]], seconds: float) -> Found:
    """Ask until there is an answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := await ask():
            return found
        await asyncio.sleep(0.3)
    raise AssertionError(f"nothing came of {ask} in {seconds} s")
