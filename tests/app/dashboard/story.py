"""A model that drifted, its alert, its retraining, what was sent of both, and refused rows."""

from dataclasses import dataclass
from datetime import timedelta

import httpx
from fastapi import FastAPI

from app.domain.alerts.delivery import Attempt, DeliveryState, Next
from app.domain.rejection import Reason, Rejection
from app.domain.telling.operations import AlertChoice, DeliveryChoice
from tests.app.api.service import HOUR, START, judged, post, rows, stamp, with_baseline

MODEL = "drifting"
MARKUP = "<script>alert('x')</script>"
FORMULA = "=cmd|' /C calc'!A0"
USUAL = [float(i) for i in range(50)]
MOVED = [float(i) + 80 for i in range(50)]
AWAY = "the receiver said: " + MARKUP


@dataclass(frozen=True, slots=True)
class Story:
    """What has an address."""

    alert: int
    run: str
    token: str
    request: int
    """The delivery that asked for the run."""
    told: int
    """The delivery that told of the alert."""


async def tell(app: FastAPI, client: httpx.AsyncClient) -> Story:
    """Let it happen; then the loops stand still: a try between two looks would change a page."""
    hook = {"kind": "webhook", "url": "https://hooks.invalid/x", "secret": "env:S"}
    assert (await client.put("/v1/targets/hook", json=hook)).status_code == 201
    await with_baseline(client, MODEL, rows(2_000, **{MARKUP: USUAL, FORMULA: USUAL}))
    policy = {"target": "hook"}
    assert (await client.put(f"/v1/models/{MODEL}/retraining", json=policy)).status_code == 201
    await post(client, MODEL, rows(300, **{MARKUP: MOVED, FORMULA: MOVED}))
    await judged(client, app, MODEL)
    beat = {"source": "gateway", "from": stamp(START), "to": stamp(START + HOUR), "rows": 500}
    assert (await client.post(f"/v1/models/{MODEL}/heartbeats", json=beat)).status_code == 200
    await _refuse(app)
    await app.state.service.workers.stop()
    return await _found(app)


async def _refuse(app: FastAPI) -> None:
    bad = [{"timestamp": "no time", MARKUP: 1.0}]
    async with app.state.api.store.write() as unit:
        await unit.rejections.add(
            [Rejection(MODEL, None, "http", FORMULA, Reason.INVALID, AWAY, (), 3, len(bad))]
        )


async def _found(app: FastAPI) -> Story:
    async with app.state.api.store.write() as unit:
        alert = (await unit.views.chosen_alerts(AlertChoice(MODEL, "firing"), 0, 1))[0]
        run = (await unit.retrainings.page(None, None, None, 1))[0]
        sent = await unit.views.chosen_deliveries(DeliveryChoice("hook"), None, 10)
        asked = next(one for one in sent if one.event_id.endswith(run.id))
        told = next(one for one in sent if one.subject.startswith(f"{MODEL}/{alert.version}/"))
        failed = Attempt(unit.now, 500, AWAY, timedelta(seconds=1), timedelta(seconds=7))
        await unit.outbox.record(told.id, failed, Next(DeliveryState.DEAD, None))
        body = (await unit.views.event_body(asked.event_id) or b"").decode()
    token = body.split('"token":"')[1].split('"')[0]
    return Story(alert.id, run.id, token, asked.id, told.id)
