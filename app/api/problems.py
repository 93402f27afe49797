"""Errors as RFC 9457 answers: one table from meaning to status. No raw value may stand in them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response

from app.domain.errors import (
    MAX_FAULTS,
    Conflict,
    Fault,
    Invalid,
    KeyReused,
    LeewayError,
    NotFound,
    TooLarge,
    Unavailable,
    Unsupported,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:leeway:problem:"

BY_CLASS: Mapping[type[LeewayError], tuple[int, str]] = {
    NotFound: (404, "Not found"),
    Conflict: (409, "The present state forbids this"),
    KeyReused: (422, "The idempotency key was used with another body"),
    Invalid: (422, "The request's content is wrong"),
    TooLarge: (413, "A limit is passed"),
    Unsupported: (415, "The media type or encoding is not read here"),
    Unavailable: (503, "Try again later"),
    LeewayError: (500, "Something went wrong here"),
}
"""Meaning of an error class on the wire; a subclass falls back on its parent's row."""

MALFORMED = "malformed"
BY_CODE: Mapping[str, tuple[int, str]] = {
    MALFORMED: (400, "The body cannot be parsed"),
    "overloaded": (429, "Too much waits already"),
}
"""Codes that mean something more exact than their class."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error answer."""

    status: int
    code: str
    title: str
    detail: str
    faults: Sequence[Fault] = ()
    left_out: int = 0
    retry_after: float | None = None


def of(error: LeewayError) -> Problem:
    """Return the answer that an error gets."""
    status, title = BY_CODE.get(error.code) or _row(type(error))
    faults: Sequence[Fault] = getattr(error, "faults", ())
    left_out: int = getattr(error, "left_out", 0)
    retry: float | None = getattr(error, "retry_after", None)
    return Problem(status, error.code, title, error.detail, faults, left_out, retry)


def _row(kind: type[LeewayError]) -> tuple[int, str]:
    return next(BY_CLASS[parent] for parent in kind.__mro__ if parent in BY_CLASS)


def respond(
    problem: Problem, request_id: str | None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem as an HTTP answer."""
    sent = dict(headers or {})
    if problem.retry_after is not None:
        sent["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    return Response(
        msgspec.json.encode(document(problem, request_id)),
        problem.status,
        headers=sent,
        media_type=MEDIA_TYPE,
    )


def document(problem: Problem, request_id: str | None) -> dict[str, Any]:
    """Return the JSON object of a problem."""
    listed = problem.faults[:MAX_FAULTS]
    return {
        "type": TYPE_PREFIX + problem.code,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [_fault(fault) for fault in listed],
        "errors_left_out": problem.left_out + len(problem.faults) - len(listed),
        "request_id": request_id,
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "pointer": fault.pointer,
        "row": fault.row,
        "field": fault.field,
        "detail": fault.detail,
    }
