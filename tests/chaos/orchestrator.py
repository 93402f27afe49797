"""An orchestrator that is killed with its receiver: each request is a run once, and runs answer.

What it was asked for and what it has said is in its journal, so that a new one goes on. A run makes
nothing better, so that traffic goes on as it is; its words are lost on the way, and come again.
"""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.chaos.journal import Journal

REQUESTED = "io.leeway.retraining.requested.v1"
WORDS = ("running", "succeeded", "rejected")
TRY_AGAIN = frozenset({409, 429, 503})
TIMEOUT = 4.0
PAUSE = 0.2


class Orchestrator:
    """Takes requests for runs, and says through any replica how they go."""

    def __init__(self, urls: Sequence[str], written: Sequence[Mapping[str, Any]], log: Journal):
        self._urls = urls
        self._journal = log
        self._draw = random.Random(len(written))
        self._http = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        self._runs: dict[str, asyncio.Task[None]] = {}
        over = {line["id"] for line in written if line["op"] == "ended"}
        for line in written:
            if line["op"] == "asked" and line["id"] not in over:
                self._begin(line)

    def take(self, body: bytes) -> None:
        """Write down what is asked for before it is answered; other events are none of ours."""
        event = json.loads(body)
        if event["type"] == REQUESTED:
            data = event["data"]
            line = {"op": "asked", "id": data["id"], "model": data["model"]}
            self._journal.write(line | {"callback": data["callback"]})
            self._begin(line | {"callback": data["callback"]})

    def _begin(self, asked: Mapping[str, Any]) -> None:
        if asked["id"] not in self._runs:
            self._runs[asked["id"]] = asyncio.create_task(self._run(asked))

    async def _run(self, asked: Mapping[str, Any]) -> None:
        for word in WORDS:
            status = await self._say(asked["callback"], word)
        self._journal.write({"op": "ended", "id": asked["id"], "status": status})

    async def _say(self, callback: Mapping[str, str], word: str) -> int:
        headers = {"Authorization": f"Bearer {callback['token']}"}
        while True:
            await asyncio.sleep(self._draw.uniform(PAUSE / 2, PAUSE))
            url = self._draw.choice(self._urls) + callback["path"]
            try:
                answer = await self._http.post(url, json={"state": word}, headers=headers)
            except httpx.TransportError:
                continue
            if answer.status_code not in TRY_AGAIN:
                return answer.status_code
