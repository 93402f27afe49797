"""The page of the API: rendered here from its document, with no script but our own."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.docs.outline import Outline, outline
from app.dashboard.place import links_of
from app.dashboard.rendering import page


async def get_docs(request: Request) -> Response:
    """Show every operation, schema and error of the API."""
    found = _outline(request.app)
    link = links_of(request)
    values = {"outline": found, "address": link.origin + link.prefix}
    return page(request, "docs/page.html", values, place="docs")


def _outline(app: FastAPI) -> Outline:
    """Return the outline of an application's document, which never changes."""
    kept: Outline | None = getattr(app.state, "outline", None)
    if kept is None:
        kept = app.state.outline = outline(app.openapi())
    return kept
