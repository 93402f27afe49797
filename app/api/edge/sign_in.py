"""What a stranger is answered: programs in their terms, browsers with a dialog and a page."""

import base64
import hashlib

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from app.api import problems
from app.api.edge import request_id
from app.api.edge.paths import route_path

BEARER = 'Bearer realm="leeway"'
BASIC = 'Basic realm="leeway", charset="UTF-8"'
UNKNOWN = problems.Problem(
    401,
    "unauthorized",
    "An API key is needed",
    "send an API key as a bearer token, or as the password of HTTP Basic",
)
NOT_OF_THIS_RUN = problems.Problem(
    401,
    "unauthorized",
    "The token of a run does not open this",
    "this token (rtt_...) is not that of the run which is asked for: each opens the events of its "
    "own run, and nothing else; it came with the run's request, beside that path",
)
FOR_PROGRAMS = ("/v1/", "/metrics", "/openapi.json")
STYLE = (
    ":root{color-scheme:light dark;font:17px/1.6 system-ui,sans-serif}"
    "main{margin:12vh auto;max-width:32rem;padding:0 1.25rem}"
    "h1{font-size:1.5rem}code{font:.95em ui-monospace,monospace}"
)
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    f"<title>Sign in · Leeway</title><style>{STYLE}</style></head><body><main>"
    "<h1>Leeway asks for an API key</h1>"
    "<p>Load this page again; when your browser asks, give the key as the <strong>password"
    "</strong> and any user name.</p>"
    "<p>Keys are those of the setting <code>LEEWAY_API_KEYS</code> of this service: ask whoever "
    "runs it. Programs send <code>Authorization: Bearer KEY</code>.</p>"
    "</main></body></html>"
)


def challenge(scope: Scope, headers: Headers, problem: problems.Problem = UNKNOWN) -> Response:
    """Return the 401 of a request that nothing opened."""
    if _by_a_reader(scope, headers):
        return HTMLResponse(
            PAGE,
            401,
            headers={
                "WWW-Authenticate": BASIC,
                "Content-Security-Policy": POLICY,
                "Cache-Control": "no-store",
            },
        )
    answer = problems.respond(problem, request_id.of(scope), {"WWW-Authenticate": BEARER})
    # a header of its own: browsers read one challenge in each, and ask nobody for a bearer token
    answer.headers.append("WWW-Authenticate", BASIC)
    return answer


def _by_a_reader(scope: Scope, headers: Headers) -> bool:
    """Whether a person's browser asks for a page, and no program for an answer."""
    path = route_path(scope)
    return (
        scope["method"] in {"GET", "HEAD"}
        and "text/html" in headers.get("accept", "").lower()
        and not path.startswith(FOR_PROGRAMS)
    )
