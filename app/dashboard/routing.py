"""How pages are mounted: what goes wrong in them is a page, and ``/`` is one only for browsers."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.convertors import IntegerConvertor, PathConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from app.dashboard.failing import failed
from app.dashboard.place import wants_html
from app.domain.errors import LeewayError, NotFound

Endpoint = Callable[[Request], Awaitable[Response]]


NOBODY = 10**18


class Number(IntegerConvertor):
    """An id; with more digits than a database counts to it is nobody's."""

    def convert(self, value: str) -> int:
        return int(value) if len(value) <= 18 else NOBODY


register_url_convertor("number", Number())


class Elsewhere(PathConvertor):
    """A path that is none of the API's, which has its own word for what is not there."""

    regex = r"(?!v1(?:/|$)).*"


register_url_convertor("elsewhere", Elsewhere())


class PageRoute(Route):
    """A route of a page; it names itself to the log, as routes of the API do."""

    def __init__(self, path: str, endpoint: Endpoint, *, only_html: bool = False) -> None:
        super().__init__(path, _safe(endpoint), methods=["GET"], include_in_schema=False)
        self._only_html = only_html

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        if match is Match.NONE or (self._only_html and not self._takes(match, scope)):
            return Match.NONE, {}
        return match, {**child, "route": self}

    def _takes(self, match: Match, scope: Scope) -> bool:
        return match is Match.FULL and wants_html(Request(scope).headers)


class FormRoute(Route):
    """A route that a form is sent to."""

    def __init__(self, path: str, endpoint: Endpoint) -> None:
        super().__init__(path, _safe(endpoint), methods=["POST"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        return match, child if match is Match.NONE else {**child, "route": self}


def mounted(pages: Sequence[BaseRoute], others: list[BaseRoute]) -> None:
    """Put pages before other routes, which answer whom they do not suit."""
    others[:0] = pages


def _safe(endpoint: Endpoint) -> Endpoint:
    async def answered(request: Request) -> Response:
        try:
            if "\0" in request.scope["path"]:
                # PostgreSQL takes none in a text, so it can name nothing
                raise NotFound("no page has a NUL character in its address")
            return await endpoint(request)
        except LeewayError as error:
            return failed(request, error)

    return answered
