"""The conversation with the service, as any client would hold it: HTTP, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import httpx
import polars as pl

from app.demo.answers import Alert, Delivery, Receipt, Week
from app.demo.story import TIME, Post

TRIES = 5
BUSY = (429, 503)
JSON = "application/json"
PARQUET = "application/vnd.apache.parquet"


class RefusedError(Exception):
    """The service refused a request; the message is the service's own."""


class Client:
    """One model's conversation with one service."""

    def __init__(self, http: httpx.AsyncClient, model: str) -> None:
        self._http = http
        self._model = f"/v1/models/{model}"
        self._name = model

    async def declare(self, window: str) -> None:
        """Declare the model. Its schema is left to be inferred from the reference."""
        await self._ask("PUT", self._model, json={"window": window})

    async def upload_reference(self, rows: pl.DataFrame, version: str | None = None) -> None:
        """Upload what a version learned from; the champion where none is named."""
        body = BytesIO()
        rows.write_parquet(body)
        headers = {"Content-Type": PARQUET}
        url = f"{self._model}/baselines"
        named = {} if version is None else {"version": version}
        await self._ask("POST", url, content=body.getvalue(), headers=headers, params=named)

    async def put_webhook(self, target: str, url: str, secret: str) -> None:
        """Name an endpoint for events; ``secret`` is a reference such as ``env:NAME``."""
        options = {"kind": "webhook", "url": url, "secret": secret}
        await self._ask("PUT", f"/v1/targets/{target}", json=options)

    async def retrain_by(self, target: str) -> None:
        """Have drift ask a target for a retraining."""
        await self._ask("PUT", f"{self._model}/retraining", json={"target": target})

    async def tell(self, callback: Mapping[str, str], word: Mapping[str, Any]) -> None:
        """Say how a run goes, as its orchestrator: with the token that came with the request."""
        headers = {"Authorization": f"Bearer {callback['token']}"}
        await self._ask("POST", callback["path"], json=dict(word), headers=headers)

    async def retraining(self, run: str) -> Any:  # noqa: ANN401  the service's own document
        return await self._ask("GET", f"/v1/retrainings/{run}")

    async def send(self, post: Post) -> Receipt:
        """Post one batch. A repeat under the same key is counted once, so trying again is safe."""
        text = pl.col(TIME).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        body = post.rows.with_columns(text).write_json().encode()
        headers = {"Content-Type": JSON, "Idempotency-Key": post.key}
        url = f"{self._model}/batches"
        return Receipt.read(await self._ask("POST", url, content=body, headers=headers))

    async def closed_weeks(self) -> list[str]:
        """Return the starts of the windows that have been judged, oldest first."""
        windows = [item async for item in self._items(f"{self._model}/windows")]
        return sorted(item["start"] for item in windows if item["verdict"] is not None)

    async def week(self, start: str) -> Week:
        return Week.read(await self._ask("GET", f"{self._model}/windows/{start}"))

    async def alerts(self) -> list[Alert]:
        items = self._items("/v1/alerts", {"model": self._name})
        return [Alert.read(item) async for item in items]

    async def deliveries(self, target: str) -> list[Delivery]:
        items = self._items("/v1/deliveries", {"target": target})
        return [Delivery.read(item) async for item in items]

    async def _items(self, path: str, query: Mapping[str, str] | None = None) -> AsyncIterator[Any]:
        """Yield the items of a list, page after page."""
        params = dict(query or {})
        while True:
            page = await self._ask("GET", path, params=params)
            for item in page["items"]:
                yield item
            if page["next_cursor"] is None:
                return
            params["cursor"] = page["next_cursor"]

    async def _ask(self, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401  as httpx
        for _ in range(TRIES):
            answer = await self._http.request(method, path, **request)
            if answer.status_code not in BUSY:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
        if answer.is_error:
            raise RefusedError(f"{method} {path}: {answer.status_code} {_reason(answer)}")
        return answer.json() if answer.content else None


def _reason(answer: httpx.Response) -> str:
    """Return what a problem document says, or the body's beginning where there is none."""
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        problem = answer.json()
        details = [fault["detail"] for fault in problem.get("errors", [])[:3]]
        return "; ".join([problem["detail"], *details])
    return answer.text[:200]
