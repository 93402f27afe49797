"""The page of the API: rendered here from its document, with no script but our own."""

import re

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.docs.outline import Outline, outline
from app.dashboard.rendering import page

HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
USUAL = "127.0.0.1:8000"


async def get_docs(request: Request) -> Response:
    """Show every operation, schema and error of the API."""
    found = _outline(request.app)
    values = {"outline": found, "address": address(request)}
    return page(request, "docs/page.html", values, place="docs")


def _outline(app: FastAPI) -> Outline:
    """Return the outline of an application's document, which never changes."""
    kept: Outline | None = getattr(app.state, "outline", None)
    if kept is None:
        kept = app.state.outline = outline(app.openapi())
    return kept


def address(request: Request) -> str:
    """Return where the reader reached us, fit to be copied into a shell."""
    called = request.headers.get("host", "")
    host = called if HOST.fullmatch(called) else USUAL
    prefix: str = request.scope.get("root_path", "").rstrip("/")
    proxied = request.headers.get("x-forwarded-proto", "") == "https"
    scheme = "https" if proxied else request.scope["scheme"]
    return f"{scheme}://{host}{prefix}"
