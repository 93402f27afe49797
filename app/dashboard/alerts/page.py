"""``/alerts``: all alerts, what fires first."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, further
from app.dashboard.place import of
from app.dashboard.queries import number, one_of, text
from app.dashboard.reasons import ALERT_KINDS
from app.dashboard.rendering import page
from app.domain.alerts.alert import AlertState
from app.domain.monitors.monitor import Severity
from app.domain.telling.operations import AlertChoice, Episode
from app.domain.telling.reports import AlertSummary

FURTHEST = 100_000
STATES = tuple(state.value for state in AlertState)
SEVERITIES = tuple(severity.value for severity in Severity)
COLUMNS: Columns[AlertSummary] = {
    "id": lambda one: one.id,
    "state": lambda one: one.state,
    "severity": lambda one: one.severity.value,
    "model": lambda one: one.model,
    "version": lambda one: one.version,
    "segment": lambda one: one.segment,
    "monitor": lambda one: one.monitor,
    "reason": lambda one: one.reason,
    "since": lambda one: one.since,
    "window": lambda one: one.window,
    "features": lambda one: one.worst,
    "changed_at": lambda one: one.changed_at,
}


async def get_alerts(request: Request) -> Response:
    """Show alerts, chosen by state, severity, model, monitor and version."""
    asked = _asked(request)
    form = file_of(request)
    skip = min(number(request, "skip") or 0, FURTHEST)
    severity = asked["severity"]
    chosen = AlertChoice(
        model=asked["model"],
        state=asked["state"],
        severity=Severity(severity) if severity else None,
        monitor=asked["monitor"],
        version=asked["version"],
    )
    async with of(request).store.read() as unit:
        found = await unit.views.chosen_alerts(chosen, skip, ON_A_PAGE + 1)
        episodes = await unit.views.episodes(found)
        firing = await unit.views.chosen_alerts(AlertChoice(state="firing"), 0, ON_A_PAGE + 1)
    shown = found[:ON_A_PAGE]
    if form is not None:
        return as_file(request, Listing("alerts", {**COLUMNS, **_when(episodes)}, shown), form)
    values = {
        "alerts": shown,
        "episodes": episodes,
        "firing": len(firing),
        "most": ON_A_PAGE,
        "asked": asked,
        "any": any(asked.values()) or skip > 0,
        "states": STATES,
        "severities": SEVERITIES,
        "kinds": ALERT_KINDS,
        "before": further(request, asked, skip=max(0, skip - ON_A_PAGE)) if skip else None,
        "next": further(request, asked, skip=skip + ON_A_PAGE) if len(found) > ON_A_PAGE else None,
        "skip": skip or None,
    }
    return page(request, "ops/alerts.html", values, place="alerts")


def _when(episodes: Mapping[int, Episode]) -> Columns[AlertSummary]:
    """Return the columns that say when an alert that is over fired."""
    return {
        "fired_from": lambda one: episodes[one.id].began if one.id in episodes else None,
        "fired_until": lambda one: episodes[one.id].ended if one.id in episodes else None,
    }


def _asked(request: Request) -> dict[str, str | None]:
    return {
        "state": one_of(request, "state", STATES),
        "severity": one_of(request, "severity", SEVERITIES),
        "model": text(request, "model"),
        "monitor": text(request, "monitor"),
        "version": text(request, "version"),
    }
