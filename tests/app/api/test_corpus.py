"""Every hostile body against the real route: its answer and pointer, and what is counted."""

import json
from collections import defaultdict

import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import PROBLEM, problem, totals, with_baseline
from tests.app.sources.corpus import Case, cases

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODEL = "corpus"
GROUPS: dict[str, list[Case]] = defaultdict(list)
for case in cases().values():
    GROUPS[f"{case.status} {case.media_type.partition(';')[0]} {case.encoding or ''}"].append(case)


@pytest.mark.parametrize("group", GROUPS)
async def test_a_body_gets_the_answer_that_it_must(
    client: httpx.AsyncClient, app: FastAPI, group: str
) -> None:
    if (await client.get(f"/v1/models/{MODEL}")).status_code == 404:
        await with_baseline(client, MODEL)
    wrong = {case.name: said for case in GROUPS[group] if (said := await answer(client, app, case))}
    assert not wrong


async def answer(client: httpx.AsyncClient, app: FastAPI, case: Case) -> str:
    """What is wrong with the answer; nothing if it is right."""
    before = await totals(app, MODEL)
    headers = {"Content-Type": case.media_type, "Idempotency-Key": f"key-{before['received']}"}
    if case.encoding is not None:
        headers["Content-Encoding"] = case.encoding
    found = await client.post(f"/v1/models/{MODEL}/batches", content=case.body, headers=headers)
    after = await totals(app, MODEL)
    counted = after["counted"] - before["counted"]
    balanced = after["received"] == sum(after.values()) - after["received"]
    if found.status_code != case.status or not balanced:
        return f"{found.status_code} {found.text[:300]} {after}"
    if case.status == 200:
        return "" if counted == found.json()["counted"] > 0 else f"{counted} rows were counted"
    if found.headers["content-type"] != PROBLEM or counted:
        return f"{found.headers['content-type']}, {counted} rows were counted"
    first = problem(found, case.status)["errors"][0]
    place = (first["row"], first["field"], first["pointer"])
    return "" if case.points_at(*place) else json.dumps(first)
