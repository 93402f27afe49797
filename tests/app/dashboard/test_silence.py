"""``/ingest/{model}`` says who tells of a silence, and when."""

import re

import httpx
import pytest
from fastapi import FastAPI

from app.steps.watch_traffic import TrafficWatch
from tests.app.api.service import post, rows, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def said(browser: httpx.AsyncClient, model: str = "quiet") -> str:
    page = await browser.get(f"/ingest/{model}")
    assert page.status_code == 200
    return " ".join(re.findall(r"data-silence>(.*?)</p>", page.text))


async def test_it_goes_by_the_monitor_and_then_by_the_model(browser: httpx.AsyncClient) -> None:
    (await browser.put("/v1/models/bare", json={})).raise_for_status()
    assert await said(browser, "bare") == "", "it takes no rows yet"
    await with_baseline(browser, "quiet")
    assert "(P1): once a silence is unlike" in await said(browser)
    model = {"maximum_silence": "3h", "severities": {"traffic": "P3"}}
    (await browser.put("/v1/models/quiet", json=model)).raise_for_status()
    assert "(P3): after 3 hours without rows, or sooner" in await said(browser)
    path = "/v1/models/quiet/monitors/traffic"
    own = {"kind": "traffic", "maximum_silence": "20m", "severity": "P2"}
    (await browser.put(path, json=own)).raise_for_status()
    assert "(P2): after 20 minutes without rows" in await said(browser)
    (await browser.put(path, json=own | {"enabled": False})).raise_for_status()
    assert await said(browser) == (
        "Nobody is told when rows stop coming: the monitor traffic is switched off or deleted."
    )


async def test_rows_before_the_first_look_are_not_said_to_be_missing(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    await with_baseline(browser, "first-minute")
    await post(browser, "first-minute", rows(40))
    for _ in range(2):
        page = (await browser.get("/ingest/first-minute")).text
        assert "last 48 hours, 0 rows seen to arrive" in page
        assert "No rows arrived" not in page
        assert "The last came at" in page
        await TrafficWatch(app.state.api.store, "test").once()
    await with_baseline(browser, "no-rows")
    assert "No rows arrived in the last 48 hours" in (await browser.get("/ingest/no-rows")).text
