"""Browsers sign in by HTTP Basic, and write only from pages of ours; programs are told as ever."""

import base64
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stderr

import httpx
import pytest
import pytest_asyncio
import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers

from app.api.edge.crossing import foreign
from app.api.edge.sign_in import POLICY
from app.logs import OWN, configure
from tests.app.api.service import KEY, calling, problem, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def basic(password: str, user: str = "ops") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    async with running(tmp_path_factory.mktemp("locked"), api_keys=(KEY,)) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stranger(locked: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(locked) as made:
        yield made


@pytest.mark.parametrize("path", ["/", "/docs", "/nope", "/models/x"])
async def test_a_browser_is_asked_for_a_password(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path, headers=BROWSER)
    assert answer.status_code == 401
    assert answer.headers.get_list("www-authenticate") == ['Basic realm="leeway", charset="UTF-8"']
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert "<h1>" in answer.text
    assert KEY not in answer.text


@pytest.mark.parametrize("path", ["/v1/models", "/metrics", "/openapi.json"])
async def test_the_api_keeps_its_own_answer(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path, headers=BROWSER)
    problem(answer, 401)
    # one header each: a browser overlooks what follows a scheme that it does not know
    bearer, for_browsers = answer.headers.get_list("www-authenticate")
    assert bearer.startswith("Bearer ")
    assert for_browsers.startswith("Basic ")


async def test_a_program_that_asks_for_a_page_is_told_in_its_terms(
    stranger: httpx.AsyncClient,
) -> None:
    problem(await stranger.get("/", headers={"Accept": "*/*"}), 401)
    problem(await stranger.post("/docs", headers=BROWSER), 401)


async def test_the_password_opens_pages_whoever_says_it(stranger: httpx.AsyncClient) -> None:
    for user in ("", "ops", "Ünïcode"):
        answer = await stranger.get("/docs", headers=BROWSER | basic(KEY, user))
        assert answer.status_code == 200


async def test_a_write_with_a_password_must_come_from_a_page_of_ours(
    stranger: httpx.AsyncClient,
) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost.evil.example"},
    ):
        answer = await stranger.put("/v1/models/forged", json={}, headers=headers | basic(KEY))
        problem(answer, 403)
    problem(await stranger.get("/v1/models/forged", headers=basic(KEY)), 404)
    for at, headers in enumerate(
        (
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://localhost"},
            {"Origin": "https://LOCALHOST:443"},
            {},
        )
    ):
        answer = await stranger.put(f"/v1/models/own-{at}", json={}, headers=headers | basic(KEY))
        assert answer.status_code == 201, headers


async def test_rows_from_another_site_are_not_counted(stranger: httpx.AsyncClient) -> None:
    """The short way for small bodies refuses them, too."""
    sent = {"Origin": "https://evil.example", "Content-Type": "application/json"} | basic(KEY)
    answer = await stranger.post("/v1/models/forged/batches", content=b'[{"x":1}]', headers=sent)
    problem(answer, 403)


@pytest.mark.parametrize(
    "origin", ["http://[", "http://localhost:99999", "//localhost", "", "localhost", "null", "\xff"]
)
async def test_what_is_no_origin_is_not_ours(origin: str) -> None:
    assert foreign(Headers({"host": "localhost", "origin": origin}))
    assert foreign(Headers({"origin": origin}))


async def test_every_one_of_repeated_headers_must_be_ours() -> None:
    for name, good, bad in (
        (b"origin", b"http://a", b"http://b"),
        (b"sec-fetch-site", b"same-origin", b"cross-site"),
    ):
        assert not foreign(Headers(raw=[(b"host", b"a"), (name, good), (name, good)]))
        for pair in ((good, bad), (bad, good)):
            assert foreign(Headers(raw=[(b"host", b"a"), *((name, one) for one in pair)]))


@pytest.fixture
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.mark.usefixtures("_logs_as_before")
async def test_no_password_reaches_the_log(stranger: httpx.AsyncClient) -> None:
    wrong = "a-key-that-is-mistyped-01"
    said = io.StringIO()
    with redirect_stderr(said):
        configure("json", "debug")
        for key in (KEY, wrong):
            for path in ("/docs", "/v1/models", f"/{key}", f"/docs?key={key}"):
                await stranger.get(path, headers=BROWSER | basic(key))
    lines = said.getvalue()
    assert "request" in lines
    for secret in (KEY, wrong):
        assert secret not in lines
        assert basic(secret)["Authorization"].split()[1] not in lines
