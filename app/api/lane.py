"""The short way to a route that takes many small requests.

FastAPI looks for the route and resolves its parameters anew each time, which for a body of few rows
takes longer than to count them. What is plain goes straight to the route's function; what is not,
or is wrong, takes the long way, which says what is wrong.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import handlers, state
from app.api.edge.paths import route_path
from app.domain.errors import LeewayError


class Lane:
    """Calls one route's function without a router; everything else passes."""

    def __init__(self, app: ASGIApp, route: APIRoute) -> None:
        """Take a route with parameters of paths, queries and headers, one value each.

        Raises
        ------
        ValueError
            It also depends on something else.
        """
        self._app = app
        self._route = route
        self._methods = frozenset(route.methods or ())
        self._reader = _Reader(route.dependant)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        values = self._plain(scope)
        if values is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        request = Request(scope, receive)
        try:
            answer = await self._route.endpoint(
                **self._reader.context(request, state.of(scope)), **values
            )
        except LeewayError as error:
            answer = await handlers.on_leeway_error(request, error)
        await answer(scope, receive, send)

    def _plain(self, scope: Scope) -> dict[str, Any] | None:
        if scope["type"] != "http" or scope["method"] not in self._methods:
            return None
        match = self._route.path_regex.match(route_path(scope))
        if match is None:
            return None
        return self._reader.values(match.groupdict(), scope)


class _Field(Protocol):
    """A parameter, as FastAPI keeps it."""

    name: str

    def validate(self, value: Any) -> tuple[Any, list[Any]]: ...  # noqa: ANN401  as FastAPI has it


class _Reader:
    """A function's parameters, read from a request."""

    def __init__(self, dependant: Dependant) -> None:
        depends = {one.name: one.call for one in dependant.dependencies}
        if dependant.body_params or dependant.cookie_params or len(depends) > 1:
            raise ValueError("only paths, queries and headers are read on the short way")
        if any(call is not state.of_request for call in depends.values()):
            raise ValueError("nothing but the state is known on the short way")
        self._api = next(iter(depends), None)
        self._request = dependant.request_param_name
        self._paths = {field.alias: field for field in dependant.path_params}
        self._queries = {field.alias: field for field in dependant.query_params}
        self._headers = {field.alias.lower().encode(): field for field in dependant.header_params}
        optional = (*dependant.query_params, *dependant.header_params)
        if any(field.field_info.is_required() for field in optional):
            raise ValueError("what has no default is not read on the short way")
        self._defaults = {field.name: field.default for field in optional}

    def context(self, request: Request, api: state.Api) -> dict[str, Any]:
        """Return the arguments that are no parameters."""
        given = {self._request: request, self._api: api}
        return {name: value for name, value in given.items() if name is not None}

    def values(self, path: Mapping[str, str], scope: Scope) -> dict[str, Any] | None:
        """Return the parameters' values; None where not all of them are plain and right."""
        raw = scope["query_string"]
        query = parse_qsl(raw.decode("latin-1"), keep_blank_values=True) if raw else ()
        headers = [
            (name, value.decode("latin-1"))
            for name, value in scope["headers"]
            if name in self._headers
        ]
        values: dict[str, Any] = {}
        right = (
            _read(self._paths, path.items(), values)
            and _read(self._queries, query, values)
            and _read(self._headers, headers, values)
        )
        return self._defaults | values if right else None


def _read(
    fields: Mapping[Any, _Field], given: Iterable[tuple[Any, str]], values: dict[str, Any]
) -> bool:
    """Read what was given; whether each is known, was given once and is right."""
    for name, raw in given:
        field = fields.get(name)
        if field is None or field.name in values:
            return False
        values[field.name], errors = field.validate(raw)
        if errors:
            return False
    return True
