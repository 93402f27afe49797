"""What holds for every page: who gets it, under which headers, and how it is kept."""

import gzip
import re

import httpx
import pytest
from fastapi import FastAPI

from app.dashboard.rendering import POLICY
from tests.app.api.service import calling, problem, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_root_is_a_page_for_browsers_and_a_document_for_others(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers["vary"]
    for accept in ("*/*", "application/json"):
        document = await browser.get("/", headers={"Accept": accept})
        assert document.json()["name"] == "leeway"
    problem(await browser.request("BREW", "/"), 405)


async def test_pages_are_guarded(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert page.headers.get_list("x-content-type-options") == ["nosniff"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"


async def test_what_did_not_change_is_not_sent_again(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    again = await browser.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == POLICY
    other = await browser.get("/", headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


async def test_pages_are_compressed_where_that_is_understood(app: FastAPI) -> None:
    async with calling(app, headers={"Accept": "text/html"}) as client:
        plain = await client.get("/", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        packed = await client.get("/", headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.text == plain.text


async def test_files_keep_for_good_under_names_of_their_own(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    paths = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text))
    assert {path.rsplit(".", 1)[1] for path in paths} == {"css", "js", "svg"}
    for path in paths:
        found = await browser.get(path)
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]
        again = await browser.get(path, headers={"If-None-Match": found.headers["etag"]})
        assert again.status_code == 304
    older = await browser.get("/assets/style.000000000000.css")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    for strange in ("none.css", "..%2Fplace.py", "style", ".css", "style.html"):
        assert (await browser.get(f"/assets/{strange}")).status_code == 404


async def test_the_page_is_small(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    paths = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text))
    bodies = [page.content] + [(await browser.get(path)).content for path in paths]
    assert sum(len(gzip.compress(body)) for body in bodies) < 20_000


async def test_an_unknown_address_is_a_page_for_browsers_and_a_problem_for_others(
    browser: httpx.AsyncClient,
) -> None:
    for path in ("/foo", "/models/a/b/c", "/v10", "/foo%00"):
        page = await browser.get(path)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "All models" in page.text
        assert "<h1" in page.text
        problem(await browser.get(path, headers={"Accept": "application/json"}), 404)
    for path in ("/v1", "/v1/", "/v1/foo"):
        problem(await browser.get(path), 404)
    problem(await browser.post("/foo"), 404)
    problem(await browser.post("/models/a"), 405)


async def test_nothing_yet_says_what_to_do_next(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert "No model is watched yet" in page.text
    assert "curl" in page.text


async def test_pages_are_not_in_the_document(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    assert "/models/{model}" not in paths
    assert "/assets/{asset}" not in paths


async def test_links_keep_the_prefix(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("prefix")
    async with running(folder, root_path="/drift") as app, calling(app) as client:
        page = await client.get("/drift/", headers={"Accept": "text/html"})
        links = re.findall(r'(?:href|src)="(/[^"]*)"', page.text)
        assert links
        assert all(link.startswith("/drift/") for link in links)
        assert (await client.get(next(one for one in links if "style" in one))).status_code == 200


async def test_only_what_is_of_now_says_that_it_is_live(browser: httpx.AsyncClient) -> None:
    assert (await browser.put("/v1/models/of-then", json={})).is_success
    for path, is_live in (
        ("/models/of-then", True),
        ("/models/of-then?as_of=2026-01-01", False),
        ("/models/nope", False),
        ("/foo", False),
    ):
        page = (await browser.get(path)).text
        assert ('class="live">' in page) is is_live, path
        assert ('class="live" hidden>' in page) is not is_live, path
