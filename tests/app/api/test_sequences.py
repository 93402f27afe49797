"""Numbers of batches on the wire: both ways in, what is refused, and what windows say."""

import httpx
import pytest
from fastapi import FastAPI

from app.steps.maintain import NUMBERS
from tests.app.api.service import (
    HOUR,
    START,
    Rows,
    judged,
    post,
    problem,
    rows,
    stamp,
    with_baseline,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
FEW, MANY = 40, 2_000
"""Rows of a body that goes the short way, and of one that does not."""


def number(text: str) -> dict[str, str]:
    return {"Leeway-Sequence": text}


def part(of: int, count: int) -> Rows:
    """A batch whose rows happened in one minute of the hour."""
    return [row | {"timestamp": stamp(START + of * HOUR / 60)} for row in rows(count)]


async def window(client: httpx.AsyncClient, app: FastAPI, name: str) -> dict[str, object]:
    async with app.state.api.store.write() as unit:
        await unit.sequences.join(NUMBERS)
    return dict((await client.get(f"/v1/models/{name}/windows/{stamp(START)}")).json())


@pytest.mark.parametrize("count", [FEW, MANY])
async def test_a_window_is_incomplete_until_the_number_comes(
    client: httpx.AsyncClient, app: FastAPI, name: str, count: int
) -> None:
    await with_baseline(client, name)
    for place in (1, 2, 4):
        await post(client, name, part(place, count), number(f"boot/{place}"))
    await post(client, name, part(9, count), number("other/7"))
    found = await window(client, app, name)
    assert (found["missing_rows"], found["incomplete"]) == (count, True)
    assert found["expected_rows"] is None
    await judged(client, app, name)
    metrics = (await client.get("/metrics")).text
    lines = [one for one in metrics.splitlines() if f'missing_rows{{model="{name}"' in one]
    assert lines, "one for each monitor"
    assert {float(line.split()[-1]) for line in lines} == {count}
    await post(client, name, part(3, count), number("boot/3"))
    found = await window(client, app, name)
    assert (found["missing_rows"], found["incomplete"]) == (0, False)


@pytest.mark.parametrize("text", ["-1", "1.5", "a", "a/b/1", "x" * 65 + "/1", "9" * 16, "9" * 17])
@pytest.mark.parametrize("count", [1, MANY])
async def test_what_is_no_number_is_refused_and_nothing_counted(
    client: httpx.AsyncClient, name: str, text: str, count: int
) -> None:
    await with_baseline(client, name)
    answer = await client.post(f"/v1/models/{name}/batches", json=rows(count), headers=number(text))
    found = problem(answer, 422)
    assert "sequence" in str(found).lower()
    listed = (await client.get(f"/v1/models/{name}/windows")).json()
    assert listed["items"] == []


async def test_two_numbers_are_refused(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    twice = [("Leeway-Sequence", "1"), ("Leeway-Sequence", "2")]
    answer = await client.post(f"/v1/models/{name}/batches", json=rows(1), headers=twice)
    problem(answer, 400)
