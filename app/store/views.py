"""Read-side queries: what people and metrics are shown."""

from dataclasses import dataclass

from app.store.intake_views import IntakeViews
from app.store.metric_views import MetricViews
from app.store.operation_views import OperationViews
from app.store.overviews import Overviews
from app.store.present_views import PresentViews
from app.store.told_views import ToldViews
from app.store.window_views import WindowViews


@dataclass(frozen=True)
class Views(
    WindowViews, ToldViews, OperationViews, IntakeViews, PresentViews, MetricViews, Overviews
):
    """All of them, over one transaction."""
