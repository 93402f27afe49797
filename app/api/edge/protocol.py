"""Requests that are not even HTTP: refused by the server itself, and yet with a problem."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api import problems
from app.api.edge import request_id

UNREADABLE = problems.Problem(
    400,
    problems.MALFORMED,
    "The request cannot be read",
    "the request line, a header or the framing of the body is not HTTP, or is too long",
)
STATUS_LINE = b"HTTP/1.1 400 Bad Request"


class ProblemProtocol(HttpToolsProtocol):
    """uvicorn's protocol, whose only answer of its own is a problem, too."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  its words are for the log
        """Answer what could not be parsed, and close the connection."""
        identity = request_id.given([])
        headers = {"X-Request-ID": identity, "X-Content-Type-Options": "nosniff"}
        answer = problems.respond(UNREADABLE, identity, headers | {"Connection": "close"})
        lines = [STATUS_LINE, *(b": ".join(header) for header in answer.raw_headers), b"", b""]
        self.transport.write(b"\r\n".join(lines) + bytes(answer.body))
        self.transport.close()
