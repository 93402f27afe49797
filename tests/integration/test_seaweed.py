"""Rows in a real S3 server: a source reads them, drift in them starts the loop, which closes."""

import json
from typing import Any

import httpx
import obstore

from tests import seaweed
from tests.integration.watched import HOUR, START, csv, declared, put, rows, unlabelled, until
from tests.receivers import Receiver, answer, receiving

MODEL = "stored"
PREFIX = "predictions"
REQUESTED = "io.leeway.retraining.requested.v1"
WITHIN = 45


def store(s3: seaweed.Seaweed, name: str, lines: list[str]) -> None:
    obstore.put(s3.store(), f"{PREFIX}/{name}.csv", "\n".join(unlabelled(lines)).encode())


async def sourced(leeway: httpx.AsyncClient, s3: seaweed.Seaweed, trainer: str) -> None:
    """Declare who retrains, and where rows come from: with a key that can only read."""
    hook = {"kind": "webhook", "url": trainer, "secret": "env:HOOK_SECRET"}
    await put(leeway, "/v1/targets/trainer", hook)
    await put(leeway, f"/v1/models/{MODEL}/retraining", {"target": "trainer"})
    source = {
        "url": f"s3://{seaweed.BUCKET}/{PREFIX}/",
        "endpoint": s3.endpoint,
        "credentials": seaweed.CREDENTIALS,
        "poll": "1s",
    }
    await put(leeway, f"/v1/models/{MODEL}/sources/logs", source)


def asked(receiver: Receiver) -> list[dict[str, Any]]:
    events = [json.loads(request.body) for request in receiver.requests]
    return [event["data"] for event in events if event["type"] == REQUESTED]


async def trained(leeway: httpx.AsyncClient, callback: dict[str, str]) -> None:
    """Do what an orchestrator does."""
    token = {"Authorization": f"Bearer {callback['token']}"}
    succeeded = {"state": "succeeded", "version": {"name": "v2"}}
    said = await leeway.post(callback["path"], json=succeeded, headers=token)
    assert said.is_success, said.text
    own = await leeway.post(f"/v1/models/{MODEL}/baselines?version=v2", **csv(rows(START, 3.0)))
    assert own.status_code == 201, own.text
    said = await leeway.post(callback["path"], json={"state": "promoted"}, headers=token)
    assert said.is_success, said.text


async def test_drift_in_a_bucket_starts_the_loop(
    leeway: httpx.AsyncClient, s3: seaweed.Seaweed
) -> None:
    await declared(leeway, MODEL)
    async with receiving(answer(204)) as receiver:
        await sourced(leeway, s3, receiver.url)
        store(s3, "hour 0", rows(START, 0.0))
        store(s3, "hour 1", rows(START + HOUR, 3.0))
        store(s3, "hour 2", rows(START + 2 * HOUR, 3.0))

        async def requested() -> list[dict[str, Any]]:
            return asked(receiver)

        (request,) = await until(requested, WITHIN)
        assert (request["model"], request["features"]) == (MODEL, ["x"])
        await trained(leeway, request["callback"])
        model = (await leeway.get(f"/v1/models/{MODEL}")).json()
        assert (model["champion"], model["active_baseline"]) == ("v2", 2)
        (alert,) = (await leeway.get(f"/v1/alerts?model={MODEL}")).json()["items"]
        assert (alert["monitor"], alert["state"]) == ("default", "resolved")
        progress = (await leeway.get(f"/v1/models/{MODEL}/sources/logs")).json()["progress"]
        assert (progress["counted"], progress["rows"]) == (3, 1_200)
        assert len(asked(receiver)) == 1
