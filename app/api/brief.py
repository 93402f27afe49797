"""Small plain batches, whole when they are begun, answered when their group is written.

No layer, task or message of ASGI is made for them: each costs as much as counting a row. What turns
out to be anything but a counted batch goes on in a task, as it would have from the beginning.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any, Final

import structlog
from starlette.responses import Response

from app import logs
from app.api import problems
from app.api.edge.envelope import NOSNIFF, OURS, record
from app.api.edge.short import Header, Short
from app.api.plain import Rows
from app.api.routes.batches import POST_BATCH, count_posted, posted_by, receipt_body, rows
from app.api.rows import opened, plain_and_small
from app.api.state import Api
from app.api.taking import count_body, sent_by
from app.domain.batch import Counted, Outcome, Repeated
from app.domain.errors import LeewayError
from app.sources.formats import Limits
from app.steps.ingest import Begun, Posted

POST: Final = "POST"
ROUTE: Final = POST_BATCH.path_format
JSON: Final = (b"content-type", b"application/json")
REPLAYED: Final = (b"idempotent-replayed", b"true")

log = structlog.get_logger("leeway.access")


class Brief:
    """One such request."""

    __slots__ = ("_api", "_asked", "_began", "_held", "_identity", "_limits", "_short")

    def __init__(self, api: Api, asked: Rows, limits: Limits, identity: str) -> None:
        self._api = api
        self._asked = asked
        self._limits = limits
        self._identity = identity
        self._began = time.perf_counter()
        self._held = 0
        self._short: Short

    def begin(self, short: Short, body: bytes) -> None:
        """Count the body; it is answered some time later."""
        self._short = short
        bound = logs.REQUEST.set(self._identity)
        try:
            posted = self._decoded(body)
            begun = None if posted is None else self._begun(posted)
            if posted is None:
                short.spawn(self._slowly(self._whole(body)))
            elif begun is None:
                short.spawn(self._slowly(self._go(posted)))
            else:
                begun.answer.add_done_callback(partial(self._settle, posted, begun))
        finally:
            logs.REQUEST.reset(bound)

    def gone(self) -> None:
        """Note that the client left before its body was whole."""
        bound = logs.REQUEST.set(self._identity)
        log.debug("client_gone")
        self._record(None)
        logs.REQUEST.reset(bound)

    def _decoded(self, body: bytes) -> Posted | None:
        """Return what a body holds; None where it is wrong, opens to much, or has no room."""
        sent = sent_by(self._asked, body)
        try:
            small = plain_and_small(sent, self._limits)
            if small is None:
                return None
            upload = opened(small, self._limits, rows)
        except Exception:  # noqa: BLE001  whatever it is, it is found again, and said
            return None
        size = len(body) + (len(small.body) if sent.encoding else 0)
        if not self._api.budget.take(size):
            return None
        self._held = size
        return posted_by(self._asked.sender, upload, self._asked.sequence)

    def _begun(self, posted: Posted) -> Begun | None:
        try:
            return self._api.intake.begin(posted)
        except Exception:  # noqa: BLE001  the parser would call it the client's fault
            return None

    def _settle(self, posted: Posted, begun: Begun, answer: "asyncio.Future[Outcome]") -> None:
        body = None
        try:
            outcome = answer.result()
            if isinstance(outcome, Counted | Repeated):
                body = receipt_body(posted.model, outcome.receipt)
        except (Exception, asyncio.CancelledError):  # noqa: BLE001  it is raised again, and said
            body = None
        if body is None:
            self._short.spawn(self._slowly(self._go(posted, begun)))
            return
        headers = [(b"content-length", b"%d" % len(body)), JSON]
        self._answer(200, [REPLAYED, *headers] if isinstance(outcome, Repeated) else headers, body)

    async def _go(self, posted: Posted, begun: Begun | None = None) -> Response:
        return await count_posted(self._api, posted, begun)

    async def _whole(self, body: bytes) -> Response:
        return await count_body(self._api, self._asked, self._limits, body)

    async def _slowly(self, work: Coroutine[Any, Any, Response]) -> None:
        try:
            response = await work
        except LeewayError as error:
            response = problems.respond(problems.of(error), self._identity)
        except Exception:
            log.exception("request_failed", route=ROUTE)
            response = problems.respond(OURS, self._identity)
        except asyncio.CancelledError:
            self._answer_with(problems.respond(OURS, self._identity))
            raise
        self._answer_with(response)

    def _answer_with(self, response: Response) -> None:
        self._answer(response.status_code, response.raw_headers, bytes(response.body))

    def _answer(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        self._api.budget.give(self._held)
        own = (b"x-request-id", self._identity.encode("ascii")), NOSNIFF
        self._short.answer(status, (*headers, *own), body)
        self._record(status)

    def _record(self, status: int | None) -> None:
        seconds = time.perf_counter() - self._began
        record(self._api, POST, ROUTE, status, seconds)
