"""From a template and its values to an answer: escaped, compressed, and told apart by an ETag."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.dashboard import figures, reasons
from app.dashboard.assets import asset_name
from app.dashboard.cards import cards
from app.dashboard.docs.prose import prose
from app.dashboard.model.cells import cells
from app.dashboard.model.tiles import effect_of, rules
from app.dashboard.navigation import PLACES
from app.dashboard.place import links_of, of
from app.dashboard.shell import curl
from app.dashboard.times import picked
from app.domain.telling.sentences import statistic
from app.report.names import shown
from app.report.templating import escaping

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
GUARDED = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
VARIES = "Accept, Accept-Encoding"
PACK = 5
"""Level of compression; higher ones take several times as long for two in a hundred."""
_PAGES = ThreadPoolExecutor(1, "pages")
"""One thread: a second one would only take turns with it, and with those who count rows."""


class Later(Response):
    """An answer that is made beside the event loop, so that batches need not wait for a page."""

    def __init__(self, made: Callable[[], Response]) -> None:
        super().__init__()
        del self.headers["Content-Length"]
        self._made = made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await asyncio.get_running_loop().run_in_executor(_PAGES, self._made)
        answer.headers.update(self.headers)
        await answer(scope, receive, send)


@lru_cache(1)
def environment() -> Environment:
    """Return the templates' environment with what they call."""
    made = escaping(TEMPLATES)
    made.filters |= figures.FILTERS | reasons.FILTERS
    made.filters |= {
        "shown": shown,
        "cards": cards,
        "prose": prose,
        "cells": cells,
        "effect_of": effect_of,
        "rules": rules,
        "statistic": statistic,
        "picked": picked,
    }
    made.globals |= {
        "asset": asset_name,
        "n": figures.tenth,
        "curl": curl,
        "places": PLACES,
        "severities_told": reasons.SEVERITIES,
    }
    return made


def page(
    request: Request, template: str, values: dict[str, Any], *, place: str = "", status: int = 200
) -> Response:
    """Return a page. ``place`` is the name of the one in the bar that it belongs to."""
    known = {"link": links_of(request), "place": place, "version": of(request).code_version}

    def made() -> Response:
        text = environment().get_template(template).render(known | values)
        return answer(request, text, "text/html; charset=utf-8", GUARDED, status)

    return Later(made)


def answer(
    request: Request, text: str, media_type: str, headers: dict[str, str], status: int = 200
) -> Response:
    """Return text as an answer, or that it is still what the asker has."""
    body = text.encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    sent = headers | {"Cache-Control": "private, no-cache", "Vary": VARIES}
    if status == 200:
        sent["ETag"] = etag
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=sent)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, PACK, mtime=0)
        sent["Content-Encoding"] = "gzip"
    return Response(body, status, sent | {"Content-Type": media_type})
