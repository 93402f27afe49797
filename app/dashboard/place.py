"""What pages reach the service through: built by the composition root, on ``app.state``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from app.dashboard.links import Links
from app.ports import Store

HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
USUAL = "127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that a page may use."""

    store: Store
    code_version: str
    has_keys: bool = False
    """Whether the service asks for a key."""


def of(request: Request) -> Dashboard:
    """Return the state of the application that serves a request."""
    found: Dashboard = request.app.state.dashboard
    return found


def links_of(request: Request) -> Links:
    """Return what makes links below the prefix under which a proxy serves us."""
    prefix: str = request.scope.get("root_path", "")
    return Links(prefix.rstrip("/"), origin(request), of(request).has_keys)


def origin(request: Request) -> str:
    """Return where the reader reached us, fit to be copied into a shell."""
    called = request.headers.get("host", "")
    host = called if HOST.fullmatch(called) else USUAL
    proxied = request.headers.get("x-forwarded-proto", "") == "https"
    scheme = "https" if proxied else request.scope["scheme"]
    return f"{scheme}://{host}"


def wants_html(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from somebody who looks at pages, as browsers say of themselves."""
    return "text/html" in headers.get("accept", "")
