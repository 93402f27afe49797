"""Every page with its path, and how they are put into an application."""

from typing import Never

from starlette.applications import Starlette
from starlette.requests import Request

from app.dashboard.assets import get_asset
from app.dashboard.fleet.files import get_models
from app.dashboard.fleet.page import get_fleet
from app.dashboard.model import files as of_model
from app.dashboard.model.page import get_model
from app.dashboard.operations import OPERATIONS
from app.dashboard.place import Dashboard
from app.dashboard.routing import PageRoute, mounted
from app.dashboard.window import files as of_window
from app.dashboard.window.page import get_window
from app.domain.errors import NotFound

PAGES = (
    PageRoute("/", get_fleet, only_html=True),
    PageRoute("/models.{form}", get_models),
    PageRoute("/models/{model}", get_model),
    PageRoute("/models/{model}/heat.{form}", of_model.get_heat),
    PageRoute("/models/{model}/timeline.{form}", of_model.get_timeline),
    PageRoute("/models/{model}/chart.svg", of_model.get_chart),
    PageRoute("/models/{model}/windows/{start}", get_window),
    PageRoute("/models/{model}/windows/{start}/features.csv", of_window.get_features),
    PageRoute("/models/{model}/windows/{start}/bins.csv", of_window.get_bins),
    PageRoute("/models/{model}/windows/{start}/chart.svg", of_window.get_chart),
    PageRoute("/assets/{asset}", get_asset),
    *OPERATIONS,
)


async def get_nothing(_: Request) -> Never:
    """Say to a browser that an address is nobody's."""
    raise NotFound("there is no page at this address")


ELSEWHERE = PageRoute("/{path:elsewhere}", get_nothing, only_html=True)
"""What no other route answers."""


def install(app: Starlette) -> None:
    """Add the pages to an application; before the first request it must be told its state."""
    mounted(PAGES, app.router.routes)
    app.router.routes.append(ELSEWHERE)


def furnish(app: Starlette, dashboard: Dashboard) -> None:
    """Tell an application what its pages may use."""
    app.state.dashboard = dashboard
