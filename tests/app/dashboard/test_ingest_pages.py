"""``/ingest`` with more models than a page has lines."""

import csv
import io
import re

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.dashboard.paging import ON_A_PAGE
from app.domain.rejection import Reason, Rejection

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODELS = ON_A_PAGE + 2
LAST = f"Fleet-{MODELS - 1:03}"


@pytest_asyncio.fixture(loop_scope="module", scope="module", autouse=True)
async def fleet(app: FastAPI, browser: httpx.AsyncClient) -> None:
    for number in range(MODELS):
        assert (await browser.put(f"/v1/models/Fleet-{number:03}", json={})).status_code == 201
    refused = [
        Rejection(f"Fleet-{number:03}", None, "http", None, Reason.INVALID, "no", (), 1, 1)
        for number in [*range(MODELS), MODELS - 1]
    ]
    async with app.state.api.store.write() as unit:
        await unit.rejections.add(refused)


def shown(page: httpx.Response) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a href="/ingest/([^"]+)"', page.text)


async def test_a_page_has_so_many_models_and_leads_to_the_others(
    browser: httpx.AsyncClient,
) -> None:
    first = await browser.get("/ingest")
    assert shown(first) == [LAST, *(f"Fleet-{number:03}" for number in range(ON_A_PAGE - 1))]
    assert f"{MODELS} models, 1 to {ON_A_PAGE} here" in first.text
    (further,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = await browser.get(further)
    assert shown(second) == ["Fleet-049", "Fleet-050"]
    assert 'rel="next"' not in second.text
    assert shown(await browser.get("/ingest?skip=1000000")) == shown(second)
    sheet = await browser.get("/ingest.csv?skip=50")
    assert [line["model"] for line in csv.DictReader(io.StringIO(sheet.text))] == shown(second)


async def test_the_sums_are_those_of_all_models(browser: httpx.AsyncClient) -> None:
    for query in ("", "?skip=50", "?model=nobody"):
        page = (await browser.get(f"/ingest{query}")).text
        assert f'<dt>Rows received</dt><dd class="big">{MODELS + 1}</dd>' in page, query


async def test_a_choice_goes_with_the_page(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/ingest?model=fLEET-0")
    (further,) = re.findall(r'href="([^"]+)" rel="next"', page.text)
    assert further.replace("&amp;", "&") == "/ingest?model=fLEET-0&skip=50"
    assert shown(await browser.get("/ingest?model=fleet-051")) == [LAST]
