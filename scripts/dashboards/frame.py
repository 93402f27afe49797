"""What surrounds panels: variables, links between the dashboards, and their places."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as model

from scripts.dashboards.panels import LEEWAY, SOURCE, AnyPanel

WIDTH = 24
TAG = "leeway"


def framed(uid: str, title: str, about: str, hours: int) -> dashboard.Dashboard:
    """Return a dashboard without panels."""
    data = dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
    # typed by whoever imports it: Prometheus does not know where Leeway is reached by browsers
    leeway = (
        dashboard.TextBoxVariable("leeway").label("Leeway").default_value("http://127.0.0.1:8000")
    )
    others = dashboard.DashboardLink("Leeway").type(model.DashboardLinkType.DASHBOARDS)
    others = others.tags([TAG]).as_dropdown(True).keep_time(True)
    own = dashboard.DashboardLink("Open Leeway").type(model.DashboardLinkType.LINK)
    own = own.url(f"{LEEWAY}/").icon("external link").target_blank(True)
    made = dashboard.Dashboard(title).uid(uid).description(about).tags([TAG]).readonly()
    made = made.time(f"now-{hours}h", "now").refresh("1m").timezone("browser")
    made = made.tooltip(model.DashboardCursorSync.CROSSHAIR)
    return made.with_variable(data).with_variable(leeway).link(others).link(own)


def chosen(name: str, label: str, series: str, *, every: bool = False) -> dashboard.QueryVariable:
    """Return a variable whose values are those of a label of a series."""
    asked: dict[str, object] = {
        "qryType": 1,
        "query": f"label_values({series},{name})",
        "refId": "PrometheusVariableQueryEditor-VariableQuery",
    }
    made = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(asked)
    made = made.refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
    made = made.sort(model.VariableSort.ALPHABETICAL_ASC)
    return made.include_all(True).all_value(".*").multi(True) if every else made


def placed(
    made: dashboard.Dashboard, layout: Sequence[tuple[str, Sequence[AnyPanel]]]
) -> dashboard.Dashboard:
    """Add rows of panels, each about as wide as the others of its row, which they fill."""
    for title, panels in layout:
        if title:
            made = made.with_row(dashboard.Row(title))
        least, over = divmod(WIDTH, len(panels))
        for place, panel in enumerate(panels):
            made = made.with_panel(panel.span(least + (place < over)))
    return made
