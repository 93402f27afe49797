"""``/ingest/{model}`` says who tells of a silence, and when."""

import re

import httpx
import pytest

from tests.app.api.service import with_baseline

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
