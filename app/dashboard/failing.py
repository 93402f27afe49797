"""What went wrong, as a page that says what to do next."""

import math
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.rendering import page
from app.domain.errors import Conflict, Invalid, LeewayError, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of trouble, in words for people."""

    status: int
    title: str
    advice: str


AWAY = Failure(
    503,
    "The database does not answer",
    "Nothing that was acknowledged is lost, and senders are asked to try again. This page looks "
    "again every few seconds by itself.",
)
KINDS: tuple[tuple[type[LeewayError], Failure], ...] = (
    (Unavailable, AWAY),
    (NotFound, Failure(404, "Not here", "It may have been removed, or the address is not right.")),
    (Invalid, Failure(422, "That cannot be shown", "Something in the address is not right.")),
    (Conflict, Failure(409, "Not now", "The present state forbids this.")),
)
OURS = Failure(500, "Something went wrong here", "The service's log says why.")


def failed(request: Request, error: LeewayError) -> Response:
    """Return the page of an error."""
    kind = next((one for matching, one in KINDS if isinstance(error, matching)), OURS)
    faults = [(fault.field, fault.detail) for fault in getattr(error, "faults", ())]
    said = {"failure": kind, "detail": error.detail, "faults": faults}
    answer = page(request, "failure.html", said, status=kind.status)
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return answer
