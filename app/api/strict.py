"""JSON of declarations, read so that it means one thing only; and the route class that does so.

The standard library's parser takes NaN, 1e400, repeated keys, NUL and lone surrogates. Stored or
echoed, each of them breaks something later.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any, NoReturn

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from app.api.body import receive_body
from app.api.problems import MALFORMED
from app.api.state import of
from app.domain.alike import LONGEST
from app.domain.errors import Fault, Invalid, Unsupported
from app.sources.formats import find_format

JSON = "application/json"
DEEPEST = 16
MOST_DIGITS = 18


class ParsedRequest(Request):
    """A request whose body was read and parsed already."""

    def __init__(self, scope: Scope, receive: Receive, body: bytes, document: object) -> None:
        super().__init__(scope, receive)
        self._bytes = body
        self._document = document

    async def body(self) -> bytes:
        return self._bytes

    async def json(self) -> object:
        return self._document


class DeclarationRoute(APIRoute):
    """Refuses what it does not know, and reads a JSON body strictly before the models see it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        known = frozenset(_queries(self.dependant))
        declares = self.body_field is not None
        needed = self.body_field is not None and self.body_field.field_info.is_required()

        async def handler(request: Request) -> Response:
            refuse_unknown(request.query_params, known)
            refuse_twice(name for name, _ in request.query_params.multi_items())
            reads = declares and (needed or _has_body(request))
            return await inner(await parsed(request) if reads else request)

        return handler


def _has_body(request: Request) -> bool:
    """Whether a request that may come without a body has one, by all that its headers say."""
    sent = request.headers.get("content-length", "0") != "0"
    return sent or "transfer-encoding" in request.headers or "content-type" in request.headers


def _queries(dependant: Dependant) -> Iterator[str]:
    """Yield the query parameters of a route and of all that it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for one in dependant.dependencies:
        yield from _queries(one)


def refuse_unknown(given: Iterable[str], known: frozenset[str]) -> None:
    """Refuse a query that a misspelling would turn into another question.

    Raises
    ------
    Invalid
        Names each parameter that the call does not have, and those that it has.
    """
    unknown = sorted(set(given) - known)
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        faults = [
            Fault(f"there is no such query parameter; known: {there}", field=n) for n in unknown
        ]
        raise Invalid("the query is wrong", tuple(faults))


def refuse_twice(given: Iterable[str]) -> None:
    """Refuse a parameter that stands twice: none takes a list, so one of them would be dropped.

    Raises
    ------
    Invalid
        Names each of them.
    """
    twice = sorted(name for name, times in Counter(given).items() if times > 1)
    if twice:
        faults = [Fault("this query parameter stands more than once", field=n) for n in twice]
        raise Invalid("the query is wrong", tuple(faults))


async def parsed(request: Request) -> ParsedRequest:
    """Read the body of a declaration.

    Raises
    ------
    Invalid, TooLarge, Unsupported
        It cannot be read as one JSON document.
    """
    api = of(request.scope)
    _refuse_other(request.headers.get("content-type"))
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unsupported("declarations are read without a content encoding")
    async with receive_body(request, api.limits.declaration, api.budget) as body:
        return ParsedRequest(request.scope, request.receive, body, loads(body))


def _refuse_other(content_type: str | None) -> None:
    """Refuse what is not JSON, without naming formats that only rows may have."""
    said = (content_type or "").partition(";")[0].strip().lower()
    if said != JSON:
        problem = "is missing" if not said else f"{said[:LONGEST]!r} is not {JSON}"
        raise Unsupported(
            f"the content type {problem}; a declaration is sent as {JSON}",
            (Fault("unsupported content type"),),
        )
    find_format(content_type)  # the charset, too


def loads(body: bytes) -> object:
    """Parse one JSON document strictly.

    Raises
    ------
    Invalid
        It is not JSON, or JSON that could be understood in two ways.
    """
    try:
        document: object = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_not_json,
            parse_float=_finite,
            parse_int=_modest,
        )
    except UnicodeDecodeError as error:
        raise malformed(f"the body is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise malformed(f"the body is not JSON: {error.msg} ({place})") from error
    except RecursionError as error:
        raise malformed("the body is nested too deeply") from error
    _check(document, "", 0)
    return document


def malformed(detail: str, fault: Fault | None = None) -> Invalid:
    return Invalid(detail, (fault,) if fault else (), code=MALFORMED)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        name = twice.encode("utf-8", "replace").decode()
        raise malformed("a key stands twice in one object", Fault("stands twice", field=name))
    return members


def _not_json(_: str) -> NoReturn:
    raise malformed("NaN and infinity are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise malformed("a number is too large for a float")
    return number


def _modest(text: str) -> int:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise malformed("an integer has more than 18 digits")
    return int(text)


def _check(value: object, pointer: str, depth: int) -> None:
    """Refuse text that no database stores, and depth that no declaration needs."""
    if isinstance(value, str):
        _check_text(value, pointer)
    elif isinstance(value, list | dict) and depth == DEEPEST:
        raise malformed("the body is nested too deeply", Fault("is too deep", pointer))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{pointer}/{index}", depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name, pointer)
            step = name.replace("~", "~0").replace("/", "~1")
            _check(item, f"{pointer}/{step}", depth + 1)


def _check_text(text: str, pointer: str) -> None:
    if "\x00" in text:
        raise malformed("text holds a NUL character", Fault("holds a NUL character", pointer))
    if any("\ud800" <= character <= "\udfff" for character in text):
        fault = Fault("holds half of a surrogate pair", pointer)
        raise malformed("text holds half of a surrogate pair", fault)
