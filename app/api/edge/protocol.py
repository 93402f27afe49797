"""HTTP as uvicorn speaks it, with deadlines, bounds, and problems for what is no request at all.

It leans on what uvicorn does not promise; tests/app/api/test_deadlines.py pins that.
"""

import math
from collections.abc import Coroutine
from enum import Enum, auto
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api import problems
from app.api.edge import pace, request_id, straight
from app.api.edge.doorkeeper import Doorkeeper
from app.api.edge.patience import LONGEST_HEAD, MOST_HEADERS, Patience, too_much_framing
from app.api.edge.short import Header, Offer, Short, Work
from app.api.edge.whole import Whole

UNREADABLE: Final = problems.Problem(
    400,
    problems.MALFORMED,
    "The request cannot be read",
    "the request line, a header or the framing of the body is not HTTP, or is too long",
)
LATE: Final = problems.Problem(
    408,
    "too-slow",
    "The request took too long",
    "its headers, or all of it, did not arrive in time; send less at a time, or faster",
    retry_after=1.0,
)
LONG_HEAD: Final = problems.Problem(
    431,
    "head-too-large",
    "The headers are too large",
    f"request line and headers may have {LONGEST_HEAD:,} bytes and {MOST_HEADERS} headers",
)
CROWD: Final = problems.Problem(
    429,
    "too-many-connections",
    "Too many connections",
    "this address, or all together, have too many connections open; use fewer and keep them open",
    retry_after=5.0,
)


VERSIONS: Final = frozenset({"1.0", "1.1"})


class Phase(Enum):
    """What is waited for."""

    START = auto()
    """The first byte of a request."""
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    """Nothing of the client's: the request is whole."""
    FAREWELL = auto()
    """The end of a connection that was refused."""


class ProblemProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, keeper: Doorkeeper, **more: Any) -> None:  # noqa: ANN401  uvicorn's
        super().__init__(*args, **more)
        self._keeper = keeper
        self._phase = Phase.START
        self._due = math.inf
        self._steady = False
        self._body = self._counted = self._other = 0
        self._answer_due = math.inf
        self._unread = 0
        self._refusal = UNREADABLE
        self._take: straight.Take | None = None
        self._offer: Offer | None = getattr(self.app, "short", None)

    @property
    def _patience(self) -> Patience:
        return self._keeper.patience

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  as uvicorn has it
        super().connection_made(transport)
        self._await(Phase.START, self._patience.head)
        if not self._keeper.admit(self, self.client[0] if self.client else None):
            self._refuse(CROWD)

    def connection_lost(self, exc: Exception | None) -> None:
        self._keeper.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is Phase.FAREWELL:
            return
        self._other += len(data)
        super().data_received(data)
        if self._phase is Phase.HEAD and self._other > LONGEST_HEAD:
            self._refuse(LONG_HEAD if self.headers else UNREADABLE)
        elif self._phase is Phase.BODY and too_much_framing(self._other, self._body):
            self._refuse(UNREADABLE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._steady, self._take = False, None
        self._body = self._counted = self._other = 0
        self._await(Phase.HEAD, self._patience.head)

    def on_header(self, name: bytes, value: bytes) -> None:
        # trailers would join the headers, which a proxy has filtered
        if self._phase is Phase.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > LONGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refusal = LONG_HEAD if len(self.url) <= LONGEST_HEAD else UNREADABLE
            raise ValueError("the head is too large")
        if self.parser.get_http_version() not in VERSIONS:
            raise ValueError("another version")
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            raise ValueError("two hosts, or none")
        work = self._work()
        if work is not None:
            self.cycle = Short(self, work)  # type: ignore[assignment]
        else:
            self._begin_cycle()
        self._await(Phase.BODY, self._patience.request)

    def _work(self) -> Work | None:
        """Return what answers the request past ASGI; None where others wait, or it is odd."""
        idle = self.cycle is None or self.cycle.response_complete
        parser = self.parser
        odd = parser.get_http_version() != "1.1" or not parser.should_keep_alive()
        if self._offer is None or not idle or odd or parser.should_upgrade():
            return None
        if self.flow.write_paused:
            return None  # its client takes no answers: they would pile up
        path, _, query = self.url.partition(b"?")
        head = {"method": self.parser.get_method().decode("ascii"), "query_string": query}
        # what is not spelled as it is meant, an address as a whole, is none of the plain paths
        return self._offer({**self.scope, **head, "path": self.root_path + path.decode("latin-1")})

    def _begin_cycle(self) -> None:
        pace.offer(self.scope, self._allow_steady)
        super().on_headers_complete()
        if self.cycle is not None:
            straight.offer(self.scope, partial(self._hand_over, self.cycle))
            self.cycle.transport = Whole(self.transport, self.loop)  # type: ignore[assignment]

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        self._other -= len(body)
        if self._take is None:
            super().on_body(body)
        elif not self._take(body):
            self._take = None
            self.cycle.message_event.set()  # who waits for the whole is to know

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._await(Phase.ANSWER, math.inf)
        self._rest()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._rest()

    def date(self) -> list[Header]:
        return self.server_state.default_headers

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def answered(self) -> None:
        """Go on as after any answer, but without the server's own timer: the keeper has one."""
        if self.pipeline or self.flow.read_paused:
            self.on_response_complete()
            return
        self.server_state.total_requests += 1
        self._rest()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._answer_due = math.inf  # it took most of what waited

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  its words are for the log
        """Answer what could not be parsed, and close the connection."""
        self._refuse(self._refusal)

    def look(self, now: float) -> None:
        """Cut the connection where its client has taken too long."""
        if self.transport.is_closing() and not self.transport.get_write_buffer_size():
            return
        if now >= self._due:
            self._expire(now)
        self._look_at_answer(now)

    def _await(self, phase: Phase, seconds: float) -> None:
        self._phase = phase
        self._due = self.loop.time() + seconds

    def _rest(self) -> None:
        """Wait for the next request, where this one is whole and answered."""
        if self._phase is Phase.ANSWER and self.cycle.response_complete:
            self._await(Phase.START, self._patience.idle)

    def _allow_steady(self) -> None:
        self._steady = True

    def _hand_over(self, cycle: RequestResponseCycle, take: straight.Take) -> None:
        # of requests sent ahead of their answers only the last can be on its way yet
        if straight.drain(cycle, take) and cycle is self.cycle:
            self._take = take

    def _expire(self, now: float) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if self._phase is Phase.FAREWELL:
            self.transport.abort()
        elif self.flow.read_paused or (self._phase is Phase.HEAD and answering):
            self._due = now + self._patience.head  # not the client's fault
        elif self._kept_pace():
            self._counted, self._due = self._body, now + self._patience.request
        elif self._phase is Phase.START:
            self.transport.close()
        else:
            self._refuse(LATE)

    def _kept_pace(self) -> bool:
        least = self._patience.steady * self._patience.request
        return self._steady and self._body - self._counted >= least

    def _look_at_answer(self, now: float) -> None:
        waiting = self.transport.get_write_buffer_size()
        if not waiting:
            self._answer_due = math.inf
        elif self._answer_due == math.inf:
            self._answer_due, self._unread = now + self._patience.answer, waiting
        elif now >= self._answer_due:
            if self._unread - waiting < self._patience.taken * self._patience.answer:
                self.transport.abort()
            self._answer_due, self._unread = now + self._patience.answer, waiting

    def _refuse(self, problem: problems.Problem) -> None:
        """Say what is wrong, if nothing else was said to this request yet, and take leave."""
        cycle, phase = self.cycle, self._phase
        asked = cycle is not None and not cycle.response_complete
        self._await(Phase.FAREWELL, self._patience.farewell)
        self._keeper.refused["", problem.status] += 1
        if asked and phase is not Phase.BODY:
            # earlier requests are answered first, and that is the end
            cycle.keep_alive, self._due = False, math.inf
            return
        if self.pipeline:
            self.transport.abort()
            return
        if asked:
            # the application is to hear that its client is gone, and not to answer any more
            cycle.disconnected = True
            cycle.message_event.set()
        if phase is not Phase.BODY or not cycle.response_started:
            self.transport.write(_spelled(problem))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()


def _spelled(problem: problems.Problem) -> bytes:
    identity = request_id.given([])
    headers = {"X-Request-ID": identity, "X-Content-Type-Options": "nosniff"}
    answer = problems.respond(problem, identity, headers | {"Connection": "close"})
    status = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}".encode()
    lines = [status, *(b": ".join(header) for header in answer.raw_headers), b"", b""]
    return b"\r\n".join(lines) + bytes(answer.body)
