"""The demo's own orchestrator: a receiver that takes one request to retrain, and a small run."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from app.demo.client import Client
from app.demo.model import with_score
from app.demo.story import LAST_END, TIME, WEEK, Story

REQUEST = "io.leeway.retraining.requested.v1"
LESSON = 8 * WEEK
"""What the challenger learns from: the last weeks of the year."""
CHALLENGER = "december"
PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of the run, as the service tells it, and of the alert that asked for it."""

    cause: str
    challenger: str
    state: str
    alert: str
    since: datetime


@dataclass
class Trainer:
    """Is told of every event; does what is asked of it once the story has been told."""

    asked: list[Mapping[str, Any]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, event: Mapping[str, Any]) -> None:
        """Remember a request; other events are none of ours."""
        if event.get("type") == REQUEST:
            self.asked.append(event["data"])
            self.arrived.set()

    async def retrain(self, client: Client, story: Story) -> Retrained | None:
        """Run: train a challenger, tell of it, register its reference, have it promoted.

        The token of the request is all that it has to show. None: nothing was asked.
        """
        try:
            await asyncio.wait_for(self.arrived.wait(), PATIENCE)
        except TimeoutError:
            return None
        request = self.asked[0]
        await client.tell(request["callback"], {"state": "running"})
        lesson = story.traffic.filter(pl.col(TIME) >= LAST_END - LESSON)
        scored = await asyncio.to_thread(with_score, lesson, lesson)
        version = {"name": CHALLENGER, "lineage": {"rows": lesson.height}}
        await client.tell(request["callback"], {"state": "succeeded", "version": version})
        await client.upload_reference(scored, CHALLENGER)
        await client.tell(request["callback"], {"state": "promoted"})
        return await self._outcome(client, request)

    async def _outcome(self, client: Client, request: Mapping[str, Any]) -> Retrained:
        run = await client.retraining(request["id"])
        alerts = {alert.monitor: alert for alert in await client.alerts()}
        alert = alerts[request["monitor"]]
        return Retrained(run["cause"], run["challenger"], run["state"], alert.state, alert.since)
