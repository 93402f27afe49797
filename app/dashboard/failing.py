"""What went wrong, as a page that says what to do next."""

import math
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.rendering import page
from app.domain.errors import (
    Conflict,
    Invalid,
    LeewayError,
    NotFound,
    TooLarge,
    Unavailable,
    Unsupported,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of trouble, in words for people."""

    status: int
    title: str
    advice: str


AWAY = Failure(
    503,
    "The database does not answer",
    "Nothing that was acknowledged is lost, and senders are asked to try again.",
)
AGAIN = 15
"""Seconds after which a page that failed for a while is asked for again, by the browser itself."""
KINDS: tuple[tuple[type[LeewayError], Failure], ...] = (
    (Unavailable, AWAY),
    (NotFound, Failure(404, "Not here", "It may have been removed, or the address is not right.")),
    (Unsupported, Failure(415, "That cannot be read", "A form was sent as something else.")),
    (TooLarge, Failure(413, "That is too large", "A form of a page is small.")),
    (Invalid, Failure(422, "That cannot be shown", "Something in the address is not right.")),
    (Conflict, Failure(409, "Not now", "The present state forbids this.")),
)
OURS = Failure(500, "Something went wrong here", "The service's log says why.")


def failed(request: Request, error: LeewayError) -> Response:
    """Return the page of an error."""
    kind = next((one for matching, one in KINDS if isinstance(error, matching)), OURS)
    faults = [(fault.field, fault.detail) for fault in getattr(error, "faults", ())]
    # what a form sent is not sent again without being asked
    again = AGAIN if isinstance(error, Unavailable) and request.method == "GET" else None
    said = {"failure": kind, "detail": error.detail, "faults": faults, "again": again}
    answer = page(request, "failure.html", said, status=kind.status)
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if again is not None:
        answer.headers["Refresh"] = str(again)
    return answer
