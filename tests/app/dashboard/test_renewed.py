"""A champion that is new: what pages say before it was judged, and of the time before it came."""

import html
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.app.api.service import HOUR, START, judged, post, rows, stamp

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODEL = "renewed"
JUDGED, OPEN = 34, 13
"""Hours: more than a line of the fleet draws, and more than were looked at for a verdict."""
LAST = START + (JUDGED - 1) * HOUR
USUAL: dict[str, Sequence[Any]] = {"x": [float(i) for i in range(50)], "score": [0.1, 0.2, 0.3]}
MOVED: dict[str, Sequence[Any]] = {"x": [float(i) + 80 for i in range(50)], "score": [0.7, 0.8]}


async def put(client: httpx.AsyncClient, path: str, **body: Any) -> None:
    answer = await client.put(path, json=body)
    assert answer.is_success, answer.text


async def promote(client: httpx.AsyncClient) -> None:
    """Do what an orchestrator does of the run that the drift asked for."""
    (run,) = (await client.get(f"/v1/retrainings?model={MODEL}")).json()["items"]
    words = f"/v1/retrainings/{run['id']}/events"
    made = {"state": "succeeded", "version": {"name": "v2"}}
    assert (await client.post(words, json=made)).is_success
    own = f"/v1/models/{MODEL}/baselines?version=v2"
    assert (await client.post(own, json=rows(2_000, **MOVED))).is_success
    assert (await client.post(words, json={"state": "promoted"})).json()["changed"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def then(app: FastAPI, browser: httpx.AsyncClient) -> AsyncIterator[str]:
    """Hours that drift, some that stay open, and a promotion; yields a moment before that."""
    model = f"/v1/models/{MODEL}"
    await put(browser, model, lateness="12h")
    assert (await browser.post(f"{model}/baselines", json=rows(2_000, **USUAL))).is_success
    hook = {"kind": "webhook", "url": "https://hooks.invalid/x", "secret": "env:S"}
    await put(browser, "/v1/targets/renewing", **hook)
    await put(browser, f"{model}/retraining", target="renewing")
    away = {"exclude": ["score"]}
    await put(browser, f"{model}/monitors/default", kind="data_drift", features=away)
    await put(browser, f"{model}/monitors/predictions", kind="prediction_drift")
    for hour in range(JUDGED + OPEN):
        await post(browser, MODEL, rows(300, START + hour * HOUR, **MOVED))
    told = await judged(browser, app, MODEL, LAST)
    await promote(browser)
    yield told["revisions"][-1]["judged_at"]


async def text_of(client: httpx.AsyncClient, path: str) -> str:
    page = await client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    text = re.sub(r"<[^>]+>", "", page.text.partition("<main")[2].partition("</main")[0])
    return html.unescape(" ".join(text.split()))


async def test_what_was_known_is_found_behind_windows_that_were_open(
    browser: httpx.AsyncClient, then: str
) -> None:
    page = await text_of(browser, f"/models/{MODEL}?monitor=default&as_of={then}")
    assert "Nothing was known then" not in page
    assert f"Drift in x, in the window of {LAST.day} Jan 2024, 09:00" in page
    assert "is new" not in page, "of then the champion was another"
    now = await text_of(browser, f"/models/{MODEL}?monitor=default")
    assert "The champion v2 is new and has no judged window yet. Before it: Drift in x" in now


async def test_links_of_a_window_name_its_version(browser: httpx.AsyncClient, then: str) -> None:
    window = f"/models/{MODEL}/windows/{stamp(LAST)}?monitor=default&as_of={then}"
    page = await browser.get(window)
    assert page.status_code == 200
    links = set(re.findall(rf'href="(/models/{MODEL}[^"]+)"', page.text))
    assert any("/windows/" in link and "as_of" in link for link in links)
    for link in links:
        assert "version=default" in link, link
        assert (await browser.get(html.unescape(link))).status_code == 200, link


@pytest.mark.usefixtures("then")
async def test_pages_agree_on_how_a_model_stands_and_since_when(
    browser: httpx.AsyncClient,
) -> None:
    fleet = await text_of(browser, f"/?q={MODEL}")
    page = await text_of(browser, f"/models/{MODEL}")
    assert "v2 is new and was not judged yet" in fleet
    assert "not judged yet before it, default: drift" in page
    assert "without a break since 1 Jan 2024." in fleet
    assert "without a break since 1 Jan 2024." in page
    assert "no alert: not the champion" in page
    assert "enough for an alert" not in page
    chosen = await text_of(browser, f"/models/{MODEL}?window={stamp(START + HOUR)}")
    assert "not judged yet before it" not in chosen, "the state is that of the window"


async def test_the_tile_of_outputs_hears_all_monitors(
    browser: httpx.AsyncClient, then: str
) -> None:
    page = await text_of(browser, f"/models/{MODEL}?monitor=default")
    tile = page.partition("Prediction drift")[2].partition("Rows in window")[0]
    assert re.fullmatch(r"drift PSI [\d.]+ ?\S*score\S*, says monitor predictions ?", tile), tile
    early = await text_of(browser, f"/models/{MODEL}?monitor=default&as_of={then}")
    assert "says monitor predictions" not in early


async def test_gaps_are_those_of_the_version_that_is_shown(
    browser: httpx.AsyncClient, then: str
) -> None:
    page = await text_of(browser, f"/ingest/{MODEL}")
    assert "in the last 200 windows of version default" in page
    assert f"The last came at {then[8:10].lstrip('0')} " in page
    await put(browser, "/v1/models/without-windows")
    page = await text_of(browser, "/ingest/without-windows")
    assert "Nothing to look at yet: there are no windows." in page
