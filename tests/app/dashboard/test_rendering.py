"""How answers of pages are made."""

import threading
from collections.abc import Iterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.dashboard.files import table
from app.dashboard.rendering import POLICY


async def test_what_is_large_is_made_beside_the_event_loop() -> None:
    makers: set[str] = set()

    def rows() -> Iterator[tuple[int]]:
        makers.add(threading.current_thread().name)
        yield (1,)

    async def answered(request: Request) -> Response:
        made = table(request, ["n"], rows())
        made.headers["Content-Disposition"] = "attachment"
        return made

    app = Starlette(routes=[Route("/", answered)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/")
    assert answer.text == "n\r\n1\r\n"
    assert answer.headers["content-disposition"] == "attachment"
    assert int(answer.headers["content-length"]) > 0
    assert makers
    assert threading.current_thread().name not in makers


def test_a_page_takes_pictures_from_the_service_alone() -> None:
    assert "img-src 'self';" in POLICY
    assert "data:" not in POLICY
