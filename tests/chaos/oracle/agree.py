"""Every replica says over HTTP what the database holds."""

from collections.abc import AsyncIterator

import httpx

from tests.chaos.oracle.stored import COUNTERS, Stored

RECEIPTS = 30
"""Receipts that are read again, spread over all of them."""
PAGE = 200


async def check(replica: str, url: str, stored: Stored) -> list[str]:
    """Compare one replica's receipts and windows with the database."""
    async with httpx.AsyncClient(base_url=f"{url}/v1/models", timeout=30) as http:
        return [
            f"{replica}: {finding}"
            for look in (_receipts(http, stored), _windows(http, stored))
            async for finding in look
        ]


async def _receipts(http: httpx.AsyncClient, stored: Stored) -> AsyncIterator[str]:
    known = sorted(stored.receipts)
    for model, key in known[:: max(1, len(known) // RECEIPTS)]:
        answer = await http.get(f"/{model}/batches/{key}")
        if answer.status_code != 200:
            yield f"the receipt of {key} is answered with {answer.status_code}"
        elif any(answer.json()[c] != stored.receipts[model, key][c] for c in COUNTERS):
            yield f"the receipt of {key} is {answer.json()}"


async def _windows(http: httpx.AsyncClient, stored: Stored) -> AsyncIterator[str]:
    for model in sorted({window.model for window in stored.windows}):
        mine = sorted((w for w in stored.windows if w.model == model), key=lambda w: w.start)
        wanted = [(w.rows, w.revision) for w in reversed(mine)][:PAGE]
        answer = await http.get(f"/{model}/windows", params={"limit": PAGE})
        found = [(line["rows"], line["revision"] or 0) for line in answer.json()["items"]]
        if found != wanted:
            yield f"windows of {model} are {found}, stored are {wanted}"
