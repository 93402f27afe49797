"""Every route asks for a key, whatever way it is sent; the table of routes is the application's."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.api.application import http_app
from app.api.edge.auth import digest, known, presented
from tests.app.api.service import KEY, OTHER_KEY, calling, problem, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPEN = {"/healthz", "/readyz"}


def every_route() -> list[tuple[str, str]]:
    """Return (method, path) of all routes, documented or not, with parameters filled in."""
    found = set()
    for route in iter_route_contexts(http_app("0").routes):
        filled = str(route.path_format).format(
            model="m", version="v", baseline=1, start="2024-01-01T00:00:00Z", feature="f",
            key="k", target="t", alert=1, delivery=1, rejection=1, source="s", object=1,
            monitor="o", retraining="rtr_" + "0" * 32, verdict=1,
        )  # fmt: skip
        found |= {(method, filled) for method in route.methods or ()}
    return sorted(found)


ROUTES = every_route()
CLOSED = [(method, path) for method, path in ROUTES if path not in OPEN]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FastAPI]:
    async with running(tmp_path_factory.mktemp("locked"), api_keys=(KEY, OTHER_KEY)) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stranger(locked: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(locked) as made:
        yield made


def basic(password: str, user: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


WRONG = {
    "none": None,
    "empty": "",
    "bearer alone": "Bearer",
    "bearer blank": "Bearer  ",
    "another key": "Bearer another-key-of-the-tests",
    "a prefix": f"Bearer {KEY[:-1]}",
    "longer": f"Bearer {KEY}x",
    "both keys": f"Bearer {KEY},{OTHER_KEY}",
    "no scheme": KEY,
    "another scheme": f"Token {KEY}",
    "basic plain": f"Basic {KEY}",
    "basic wrong": basic("wrong"),
    "basic as user": basic("", user=KEY),
    "basic not base64": "Basic !!!!",
    "basic not utf-8": "Basic " + base64.b64encode(b"\xff:\xff").decode(),
}
RIGHT = {
    "bearer": f"Bearer {KEY}",
    "the other key": f"Bearer {OTHER_KEY}",
    "lower-case scheme": f"bearer {KEY}",
    "basic": basic(KEY),
    "basic without a user": basic(OTHER_KEY, user=""),
}


async def test_the_table_is_not_empty() -> None:
    assert len(ROUTES) > 30
    assert {path for _, path in ROUTES} >= OPEN


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_every_route_is_closed_to_strangers(
    stranger: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await stranger.request(method, path)
    if method == "HEAD":
        assert (answer.status_code, answer.content) == (401, b"")
    else:
        problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_every_route_opens_to_a_key(
    stranger: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await stranger.request(method, path, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code not in {401, 403}
    assert answer.status_code < 500


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG)
async def test_a_wrong_key_does_not_open(stranger: httpx.AsyncClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = await stranger.get("/v1/models", headers=headers)
    problem(answer, 401)
    assert KEY not in answer.text


@pytest.mark.parametrize("header", RIGHT.values(), ids=RIGHT)
async def test_a_key_opens_in_either_form(stranger: httpx.AsyncClient, header: str) -> None:
    answer = await stranger.get("/v1/models", headers={"Authorization": header})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", sorted(OPEN))
async def test_health_is_open(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/nope", "/healthz/", "/HEALTHZ", "/healthz/../v1/models", "//"])
async def test_unknown_paths_say_nothing_to_strangers(
    stranger: httpx.AsyncClient, path: str
) -> None:
    url = httpx.URL("http://test").copy_with(raw_path=path.encode())
    problem(await stranger.get(url), 401)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_of_another_site_cannot_write(client: httpx.AsyncClient, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    problem(await client.put("/v1/models/forged", json={}, headers=headers), 403)
    problem(await client.get("/v1/models/forged"), 404)
    assert (await client.get("/v1/models", headers=headers)).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_our_own_pages_can_write(client: httpx.AsyncClient, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    answer = await client.put(f"/v1/models/own-{site}", json={}, headers=headers)
    assert answer.status_code == 201


async def test_keys_are_compared_whole() -> None:
    digests = (digest("one"), digest("two"))
    assert known("two", digests)
    assert not known("tw", digests)
    assert not known(None, digests)
    assert not known("one", ())


async def test_a_key_may_hold_any_characters() -> None:
    assert presented(basic("pass:wörd")) == "pass:wörd"
    assert presented("Bearer a b") == "a b"
    assert not known("\udcff", (digest("one"),))
