"""The short way answers as the long way does, and leaves to it whatever is not plain."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, Depends, FastAPI, Header, Path, Query, Request
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import handlers
from app.api.lane import Lane
from app.api.routes.batches import POST_BATCH
from app.api.state import ApiDep
from app.domain.errors import NotFound

PLAIN = "/things/a1"
NOBODY: Any = object()


async def take(
    api: ApiDep,
    request: Request,
    thing: Annotated[str, Path(pattern="^[a-z0-9]+$")],
    size: Annotated[int, Query(ge=1)] = 3,
    key: Annotated[str | None, Header(alias="The-Key", min_length=1, pattern="^[!-~]+$")] = None,
) -> Response:
    if thing == "none":
        raise NotFound("there is no such thing")
    if thing == "bad":
        raise RuntimeError("our own fault")
    body = (await request.body()).decode()
    return JSONResponse([thing, size, key, body, api is NOBODY])


class Counting:
    """Counts the requests that come past the lane."""

    def __init__(self, app: ASGIApp, seen: list[str]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._seen.append(scope["path"])
        await self._app(scope, receive, send)


class Ways:
    """The same application with the lane and without it."""

    def __init__(self) -> None:
        self.slow: list[str] = []
        self.apps = [self._app(short=True), self._app(short=False)]

    def _app(self, *, short: bool) -> FastAPI:
        app = FastAPI()
        app.state.api = NOBODY
        app.add_api_route("/things/{thing}", take, methods=["POST"])
        handlers.install(app)
        if short:
            app.add_middleware(Counting, seen=self.slow)
            app.add_middleware(Lane, route=route_of(app))
        return app

    async def ask(self, method: str, path: str, **more: Any) -> tuple[httpx.Response, bool]:
        """Ask both, which must agree; the answer, and whether it took the short way."""
        self.slow.clear()
        answers = []
        for app in self.apps:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                answers.append(await client.request(method, path, **more))
        short, long = answers
        assert (short.status_code, short.content) == (long.status_code, long.content)
        assert short.headers == long.headers
        return short, not self.slow


def route_of(app: FastAPI) -> APIRoute:
    return next(route for route in app.routes if isinstance(route, APIRoute))


@pytest.fixture
def ways() -> Ways:
    return Ways()


@pytest.mark.parametrize(
    ("path", "headers", "values"),
    [
        (PLAIN, {}, ["a1", 3, None]),
        (PLAIN + "?size=7", {}, ["a1", 7, None]),
        (PLAIN, {"The-Key": "k-1"}, ["a1", 3, "k-1"]),
        (PLAIN + "?size=2", {"the-key": "K", "Other": "x"}, ["a1", 2, "K"]),
        ("/things/b%32", {}, ["b2", 3, None]),
    ],
)
async def test_plain_requests_take_the_short_way(
    ways: Ways, path: str, headers: dict[str, str], values: list[Any]
) -> None:
    answer, short = await ways.ask("POST", path, headers=headers, content="body")
    assert answer.json() == [*values, "body", True]
    assert short


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", PLAIN, []),
        ("POST", "/other", []),
        ("POST", "/things/UPPER", []),
        ("POST", "/things/a1/more", []),
        ("POST", PLAIN + "?size=0", []),
        ("POST", PLAIN + "?size=x", []),
        ("POST", PLAIN + "?size=1&size=2", []),
        ("POST", PLAIN + "?sise=1", []),
        ("POST", PLAIN + "?size=", []),
        ("POST", PLAIN, [("The-Key", "")]),
        ("POST", PLAIN, [("The-Key", "has space")]),
        ("POST", PLAIN, [("The-Key", "a"), ("the-key", "b")]),
    ],
)
async def test_what_is_not_plain_takes_the_long_way(
    ways: Ways, method: str, path: str, headers: list[tuple[str, str]]
) -> None:
    _, short = await ways.ask(method, path, headers=headers)
    assert not short


async def test_an_error_is_the_same_problem(ways: Ways) -> None:
    answer, short = await ways.ask("POST", "/things/none")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there is no such thing"
    assert short


async def test_a_fault_of_ours_passes_on(ways: Ways) -> None:
    with pytest.raises(RuntimeError, match="our own"):
        await ways.ask("POST", "/things/bad")


def test_the_route_of_batches_can_be_read() -> None:
    assert Lane(FastAPI(), POST_BATCH)
    assert POST_BATCH.path_format == "/v1/models/{model}/batches"


async def _other() -> int:
    return 1


async def with_body(thing: Annotated[str, Body()]) -> None: ...
async def with_dependency(thing: Annotated[int, Depends(_other)]) -> None: ...
async def with_needed_query(thing: str) -> None: ...


@pytest.mark.parametrize("endpoint", [with_body, with_dependency, with_needed_query])
def test_what_it_cannot_read_is_refused_at_once(endpoint: Any) -> None:
    app = FastAPI()
    app.add_api_route("/x", endpoint, methods=["POST"])
    with pytest.raises(ValueError, match="short way"):
        Lane(app, route_of(app))
