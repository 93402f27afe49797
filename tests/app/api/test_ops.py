import re
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI

from app.api.docs_page import POLICY, render
from tests.app.api.service import post, rows, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_root_leads_on(client: httpx.AsyncClient) -> None:
    root = (await client.get("/")).json()
    assert root["name"] == "leeway"
    for path in root["links"].values():
        assert (await client.get(path)).status_code == 200, path


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = (await client.get("/readyz")).json()
    assert ready["status"] == "ok"
    assert {"database", "migrations", "accepting"} <= ready["checks"].keys()
    assert all(ready["checks"].values())


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
    ],
)
async def test_metrics_speak_both_formats(
    client: httpx.AsyncClient, name: str, accept: str, media_type: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(7))
    answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    series = rf'leeway_ingest_rows_received_total\{{[^}}]*model="{name}"[^}}]*\}} 7'
    assert re.search(series, answer.text)


class Elements(HTMLParser):
    """Notes which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


async def test_the_docs_load_nothing_from_elsewhere(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    answer = await client.get("/docs")
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    page = Elements()
    page.feed(answer.text)
    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    for key, value in page.attributes:
        assert not key.startswith("on")
        assert key != "style"
        assert key not in {"href", "src"} or (value or "").startswith(("#", "/openapi.json"))
    for methods in app.openapi()["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in answer.text


async def test_the_docs_escape_what_they_show() -> None:
    evil = "<script>x</script>\"'&"
    operation = {
        "tags": [evil],
        "operationId": evil,
        "summary": evil,
        "description": f"``{evil}``",
        "parameters": [{"name": evil, "in": evil, "description": evil}],
        "responses": {"200": {"description": evil}},
        "requestBody": {"content": {evil: {}}},
    }
    page = render(
        {
            "info": {"title": evil, "version": evil, "description": evil},
            "tags": [{"name": evil, "description": evil}],
            "paths": {f"/{evil}": {"get": operation}},
        },
        prefix=evil,
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 8
