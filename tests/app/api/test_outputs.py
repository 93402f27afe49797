"""Figures of predictions and scores: shown, tried, restated and made again."""

from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from app.domain.verdicts.judges import Judges
from app.domain.verdicts.verifying import Outcome, Verifier
from tests.app.api.service import START, judged, post, problem, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCORES = [(i + 0.5) / 50 for i in range(50)]
RATE, SURE = "positive_rate(prediction)", "confidence(score)"
USUAL = {"x": [1.0, 2.0, 3.0], "prediction": ["yes", "no", "no", "no"], "score": SCORES}
MOVED = USUAL | {"prediction": ["yes", "no"]}


async def test_a_positive_rate_moves(client: httpx.AsyncClient, app: FastAPI, name: str) -> None:
    await with_baseline(client, name, rows(4_000, **USUAL))
    await post(client, name, rows(1_200, **MOVED))
    await judged(client, app, name)
    path = f"/v1/models/{name}/windows/{stamp(START)}"
    shown = (await client.get(f"{path}?monitor=predictions")).json()
    sure, rate = shown["outputs"]
    assert (rate["figure"], rate["column"], rate["state"]) == (
        "positive_rate",
        "prediction",
        "drift",
    )
    assert rate["current"] == 0.5
    assert rate["reference"] == pytest.approx(0.25, abs=0.02)
    assert rate["difference"] == pytest.approx(rate["current"] - rate["reference"])
    assert rate["lower"] < rate["difference"] < rate["upper"]
    assert max(rate["p_value"], rate["p_adjusted"]) < 1e-6
    assert (sure["feature"], sure["state"]) == (SURE, "ok")
    assert sure["current"] == pytest.approx(0.75, abs=0.01)
    assert RATE in shown["verdict"]["drifted"]
    assert (await client.get(path)).json()["outputs"] == [], "the default monitor tells none"
    one = (await client.get(f"{path}/features/{quote(RATE)}?monitor=predictions")).json()
    held = {b["label"]: b["current"] for b in one["bins"]}
    assert (held["positive"], held["negative"]) == (600, 600)
    folded = (await client.get(f"{path}/features/{quote(SURE)}?monitor=predictions")).json()
    assert sum(b["current"] for b in folded["bins"]) == 1_200
    assert "0.50 to 0.55" in {b["label"] for b in folded["bins"]}
    points = await client.get(f"/v1/models/{name}/estimates/{quote(RATE)}?monitor=predictions")
    assert points.json()["items"][0]["statistics"]["positive_rate"]["value"] == 0.5
    problem(await client.get(f"{path}/features/{quote('confidence(x)')}"), 404)


async def test_they_are_equal_in_a_dry_run_a_restatement_and_when_made_again(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name, rows(4_000, **USUAL))
    await post(client, name, rows(1_200, **MOVED))
    await judged(client, app, name)
    late = rows(80, **(USUAL | {"prediction": ["no"]}))
    await post(client, name, late, {"Idempotency-Key": "late"})
    path = f"/v1/models/{name}/windows/{stamp(START)}?monitor=predictions"
    again = (await client.get(path)).json()
    for _ in range(200):
        if again["revision"] == 2:
            break
        app.state.service.workers.closing.signal.set()
        again = (await client.get(path)).json()
    assert again["outputs"][1]["current"] == pytest.approx(600 / 1_280)
    span = "from=2023-12-31T00:00:00Z&to=2024-01-02T00:00:00Z"
    dry = await client.post(f"/v1/models/{name}/monitors/predictions/dry-run?{span}")
    tried = {one["feature"]: one for one in dry.json()["features"]}
    statistic = tried[RATE]["statistics"]["positive_rate"]
    assert statistic["largest"] == again["outputs"][1]["difference"]
    async with app.state.api.store.read() as unit:
        given = await unit.verdicts.get(again["verdict"]["id"])
        evidence = await unit.verdicts.evidence(again["verdict"]["id"])
    assert RATE in {one.feature for one in given.features}
    verifier = Verifier(given.revision.code_version, Judges())
    made = verifier.verify(given, evidence)
    assert (made.outcome, made.differences) == (Outcome.VERIFIED, ())


async def test_of_many_classes_there_is_no_positive_rate_until_one_is_named(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    classes = {"x": [1.0, 2.0, 3.0], "prediction": ["a", "b", "c", "c"]}
    await with_baseline(client, name, rows(4_000, **classes))
    path = f"/v1/models/{name}/monitors/classes"
    body = {
        "kind": "prediction_drift",
        "outputs": {"positive": "b"},
        "thresholds": {"positive_rate": {"drift": 0.01}},
        "overrides": {RATE: {"positive_rate": {"drift": 0.2}}},
    }
    made = await client.put(path, json=body)
    assert made.status_code == 201, made.text
    assert made.json()["outputs"] == {"positive": "b", "threshold": None}
    assert made.json()["thresholds"]["positive_rate"] == {"warning": 0.01, "drift": 0.01}
    await post(client, name, rows(1_200, **classes))
    await judged(client, app, name)
    window = f"/v1/models/{name}/windows/{stamp(START)}"
    usual = (await client.get(f"{window}?monitor=predictions")).json()
    assert usual["verdict"]["state"] == "ok"
    (none,) = usual["outputs"]
    assert none["reason"].startswith("multiclass")
    assert (none["current"], none["state"]) == (None, "insufficient_data")
    (one,) = (await client.get(f"{window}?monitor=classes")).json()["outputs"]
    assert one["current"] == 0.25


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "data_drift", "outputs": {"positive": "yes"}}, "/outputs"),
        ({"kind": "data_drift", "thresholds": {"positive_rate": {}}}, "/thresholds/positive_rate"),
        ({"kind": "prediction_drift", "outputs": {"positive": ""}}, "/outputs/positive"),
        ({"kind": "prediction_drift", "outputs": {"threshold": "0.5"}}, "/outputs/threshold"),
    ],
)
async def test_refusals_name_the_member(
    client: httpx.AsyncClient, name: str, body: dict[str, object], pointer: str
) -> None:
    await with_baseline(client, name, rows(2_000, **USUAL))
    refused = problem(await client.put(f"/v1/models/{name}/monitors/mine", json=body), 422)
    assert pointer in [error["pointer"] for error in refused["errors"]]
