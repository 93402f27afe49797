"""Read-side queries: what people and metrics are shown."""

from dataclasses import dataclass

from app.store.views.intake_views import IntakeViews
from app.store.views.metric_views import MetricViews
from app.store.views.operation_views import OperationViews
from app.store.views.overviews import Overviews
from app.store.views.present_views import PresentViews
from app.store.views.told_views import ToldViews
from app.store.views.window_views import WindowViews


@dataclass(frozen=True)
class Views(
    WindowViews, ToldViews, OperationViews, IntakeViews, PresentViews, MetricViews, Overviews
):
    """All of them, over one transaction."""
