"""The page of the API: complete, without a dead link, and with nothing from elsewhere."""

from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.dashboard.docs.outline import outline
from app.dashboard.links import Links
from app.dashboard.rendering import POLICY, environment
from tests.app.api.service import calling, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
BUDGET = 60_000


class Elements(HTMLParser):
    """Notes which elements, ids and links a page has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


async def test_all_that_the_document_says_has_a_place_of_its_own(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    answer = await browser.get("/docs")
    assert answer.headers["content-security-policy"] == POLICY
    page = Elements(answer.text)
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    document = app.openapi()
    wanted = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    wanted |= {f"schema-{name}" for name in document["components"]["schemas"]}
    wanted |= {f"tag-{tag['name']}" for tag in document["tags"]}
    assert wanted <= set(ids)
    for link in page.all("href"):
        assert link.startswith(("#", "/")), link
        assert not link.startswith("#") or link[1:] in ids, link
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert page.tags.isdisjoint({"iframe", "object", "form", "base", "style"})


async def test_it_keeps_to_the_budget_of_a_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/docs", headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["content-length"]) < BUDGET


async def test_it_names_the_address_that_was_called(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/docs", headers={"Host": "localhost:8123"})
    assert "LEEWAY=http://localhost:8123" in page.text
    through = {"Host": "localhost", "X-Forwarded-Proto": "https"}
    assert "LEEWAY=https://localhost" in (await browser.get("/docs", headers=through)).text


async def test_an_odd_host_is_not_repeated(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("keyed")
    key = "a-key-of-the-tests-0001"
    async with running(folder, api_keys=(key,)) as served, calling(served) as client:
        for host in ("a;rm -rf /", "$(reboot)", "<b>", "a'b", "a`b`", ""):
            headers = {"Host": host, "Authorization": f"Bearer {key}"}
            page = await client.get("/docs", headers=headers)
            assert "LEEWAY=http://127.0.0.1:8000" in page.text


def hostile(evil: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": evil, "examples": [evil], "description": evil}
    operation = {
        "tags": [evil],
        "operationId": evil,
        "summary": evil,
        "description": f"``{evil}`` {evil}",
        "parameters": [{"name": evil, "in": "path", "description": evil, "schema": schema}],
        "responses": {"200": {"description": evil, "content": {evil: {"schema": schema}}}},
        "requestBody": {"content": {"application/json": {"example": evil}, evil: {}}},
    }
    return {
        "info": {"title": evil, "version": evil, "description": evil},
        "tags": [{"name": evil, "description": evil}],
        "paths": {f"/{evil}": {"get": operation}},
        "components": {
            "schemas": {evil: {"description": evil, "properties": {evil: schema}, "enum": [evil]}},
            "responses": {evil: {"description": evil, "headers": {evil: {"description": evil}}}},
        },
    }


async def test_a_hostile_document_stays_text() -> None:
    evil = "<script>x</script>\"' onload=x &"
    known = {"link": Links(), "place": "docs", "version": evil, "address": evil}
    text = (
        environment()
        .get_template("docs/page.html")
        .render(known | {"outline": outline(hostile(evil))})
    )
    page = Elements(text)
    assert text.count("<script") == 1  # our own
    assert text.count("&lt;script&gt;") > 20
    assert "onload" not in {name for name, _ in page.attributes}
