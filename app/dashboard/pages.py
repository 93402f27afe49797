"""Every page with its path, and how they are put into an application."""

from starlette.applications import Starlette

from app.dashboard.assets import get_asset
from app.dashboard.fleet.page import get_fleet
from app.dashboard.operations import OPERATIONS
from app.dashboard.place import Dashboard
from app.dashboard.routing import PageRoute, mounted

PAGES = (
    PageRoute("/", get_fleet, only_html=True),
    PageRoute("/assets/{asset}", get_asset),
    *OPERATIONS,
)


def install(app: Starlette) -> None:
    """Add the pages to an application; before the first request it must be told its state."""
    mounted(PAGES, app.router.routes)


def furnish(app: Starlette, dashboard: Dashboard) -> None:
    """Tell an application what its pages may use."""
    app.state.dashboard = dashboard
