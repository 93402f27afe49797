"""A model's page shows the worst that is said now, and says what is of then, or of no monitor."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.app.api.service import HOUR, START, judged, post, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODEL = "standing"
SAME = [float(i) for i in range(50)]
USUAL: dict[str, list[Any]] = {"x": SAME, "colour": ["red", "green", "blue"]}
MOVED: dict[str, list[Any]] = {"x": SAME, "colour": ["violet"]}


async def declare(client: httpx.AsyncClient, monitor: str, **body: Any) -> None:
    answer = await client.put(
        f"/v1/models/{MODEL}/monitors/{monitor}", json={"kind": "data_drift", **body}
    )
    assert answer.is_success, answer.text


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shown(app: FastAPI, browser: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A model of two windows, of which one monitor says drift, and the usual one does not."""
    await with_baseline(browser, MODEL, rows(2_000, **USUAL))
    own = {"x": {"psi": {"warning": 0.35, "drift": 0.7}}}
    await declare(browser, "default", features={"exclude": ["colour"]}, overrides=own)
    await declare(browser, "colours", features={"include": ["colour"]})
    for hour in range(2):
        await post(browser, MODEL, rows(1_000, START + hour * HOUR, **MOVED))
    await judged(browser, app, MODEL)
    await judged(browser, app, MODEL, START + HOUR)
    yield browser


async def main_of(client: httpx.AsyncClient, path: str) -> str:
    page = await client.get(path)
    assert page.status_code == 200, path
    text = re.sub(r"<[^>]+>", "", page.text.partition("<main")[2])
    return " ".join(text.split())


async def line_of(client: httpx.AsyncClient) -> dict[str, str]:
    text = (await client.get("/models.csv")).text.splitlines()
    head, *lines = [line.split(",") for line in text]
    return next(dict(zip(head, line, strict=True)) for line in lines if line[0] == MODEL)


async def test_the_worst_monitor_is_what_is_shown_first(shown: httpx.AsyncClient) -> None:
    line = await line_of(shown)
    assert (line["state"], line["monitor"]) == ("drift", "colours")
    assert "says colours" in await main_of(shown, f"/?q={MODEL}")
    page = await main_of(shown, f"/models/{MODEL}")
    assert "Drift in colour" in page
    assert "says monitor colours." in page
    usual = await main_of(shown, f"/models/{MODEL}?monitor=default")
    assert "Nothing drifted in" in usual
    assert "Monitor colours says now: drift" in usual


async def test_links_keep_the_monitor_that_was_shown(shown: httpx.AsyncClient) -> None:
    page = (await shown.get(f"/models/{MODEL}")).text
    windows = re.findall(r'href="(/models/standing\?window=[^"]+)"', page)
    assert windows
    assert all("monitor=colours" in link for link in windows)
    usual = await main_of(shown, f"/models/{MODEL}?window={stamp(START)}")
    assert "says monitor default." in usual


async def test_a_feature_is_drawn_with_its_own_thresholds(shown: httpx.AsyncClient) -> None:
    page = (await shown.get(f"/models/{MODEL}?monitor=default&feature=x")).text
    assert {"warning 0.35", "drift 0.7"} <= set(re.findall(r"(?:warning|drift) 0\.\d+", page))
    assert "has other thresholds" in page
    drawn = (await shown.get(f"/models/{MODEL}/chart.svg?monitor=default&feature=x")).text
    assert re.findall(r"(?:warning|drift) [\d.]+", drawn) == ["warning 0.35", "drift 0.7"]
    other = (await shown.get(f"/models/{MODEL}/chart.svg?monitor=colours&feature=colour")).text
    assert re.findall(r">((?:warning|drift) [\d.]+)<", other) == ["warning 0.1", "drift 0.2"]


async def test_the_end_of_the_past_is_told_for_what_it_is(shown: httpx.AsyncClient) -> None:
    before = f"/models/{MODEL}?monitor=default&before="
    early = await main_of(shown, before + stamp(START))
    assert f"No window of default that begins before {'1 Jan 2024'} was judged." in early
    assert "Nothing so early" in early
    assert "yet" not in early
    assert "Newest windows" in early
    first = await main_of(shown, before + stamp(START + HOUR))
    assert "The first window of all is among these." in first
    assert "Earlier windows" not in first


@pytest.mark.parametrize(("windows", "earlier"), [(3, True), (4, False), (5, False)])
async def test_earlier_windows_are_offered_only_where_there_are_some(
    shown: httpx.AsyncClient, windows: int, earlier: bool
) -> None:
    page = await main_of(shown, f"/models/{MODEL}?monitor=default&windows={windows}")
    assert ("Earlier windows" in page) is earlier


async def test_what_is_of_now_is_not_passed_off_as_of_then(shown: httpx.AsyncClient) -> None:
    now = await main_of(shown, f"/models/{MODEL}")
    assert "those of then" not in now
    assert "P2 fires" in now
    then = f"/models/{MODEL}?monitor=colours&as_of=2199-01-01T10:00:07.000001Z"
    page = (await shown.get(then)).text
    assert 'value="2199-01-01T10:00:07.001"' in page
    assert "As known at (UTC)" in page
    for path in (then, f"/models/{MODEL}?monitor=colours&window={stamp(START)}"):
        told = await main_of(shown, path)
        assert "These are the alerts and retrainings of now, not those of then." in told
        assert "P2 fires now" in told
    assert "As known at 1 Jan 2199, 10:00:07" in await main_of(shown, then)
    window = f"/models/{MODEL}/windows/{stamp(START)}?as_of=2199-01-01"
    assert "As known at 1 Jan 2199, 00:00:00: as known now." in await main_of(shown, window)


async def test_what_no_monitor_says_any_more_is_no_state_of_now(shown: httpx.AsyncClient) -> None:
    gone = await shown.delete(f"/v1/models/{MODEL}/monitors/colours")
    assert gone.is_success
    assert (await line_of(shown))["monitor"] != "colours"
    page = await main_of(shown, f"/models/{MODEL}?monitor=colours")
    assert page.startswith('id="main" tabindex="-1"> Models standing monitor deleted')
    assert "Monitor colours was deleted at" in page
    window = await main_of(shown, f"/models/{MODEL}/windows/{stamp(START)}?monitor=colours")
    assert "It was deleted at" in window
    for monitor in ("default", "quality"):
        await declare(shown, monitor, enabled=False)
    page = await main_of(shown, f"/models/{MODEL}")
    assert "monitor disabled" in page
    assert "Monitor default is disabled and judges nothing new" in page
    assert (await line_of(shown))["state"] == "waiting"
    assert "Nothing judges it" in await main_of(shown, f"/?q={MODEL}")
    assert (await shown.delete(f"/v1/models/{MODEL}/monitors/default")).is_success
    assert "Monitor default was deleted at" in await main_of(shown, f"/models/{MODEL}")


async def test_pages_say_what_a_window_is_held_against(shown: httpx.AsyncClient) -> None:
    at = f"/models/{MODEL}/windows/{stamp(START)}?monitor=colours"
    assert "Held against the reference (baseline 1)" in await main_of(shown, f"/models/{MODEL}")
    assert "held against the reference (baseline 1) by monitor colours" in await main_of(shown, at)
    await declare(shown, "before", also=[{"kind": "previous"}])
    page = await main_of(shown, f"/models/{MODEL}?monitor=before&comparison=previous")
    assert "No window of default was judged yet" in page
