"""What pages reach the service through: built by the composition root, on ``app.state``."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from app.dashboard.links import Links
from app.ports import Store


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything that a page may use."""

    store: Store
    code_version: str


def of(request: Request) -> Dashboard:
    """Return the state of the application that serves a request."""
    found: Dashboard = request.app.state.dashboard
    return found


def links_of(request: Request) -> Links:
    """Return what makes links below the prefix under which a proxy serves us."""
    prefix: str = request.scope.get("root_path", "")
    return Links(prefix.rstrip("/"))


def wants_html(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from somebody who looks at pages, as browsers say of themselves."""
    return "text/html" in headers.get("accept", "")
