"""Our kind `alertmanager` against Alertmanager itself: an alert is active until it resolves."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from app.domain.alerts.event import FIRING, RESOLVED, TEST, Event, make_event
from tests.app.targets.exchange import alert, attempt
from tests.integration.places import Running

LABELS = {
    "alertname": "Leeway",
    "severity": "P2",
    "service": "/leeway",
    "model": "flights",
    "version": "v1",
    "monitor": "default",
}


def now(kind: str, data: dict[str, Any]) -> Event:
    """An event of this moment: Alertmanager goes by its own clock."""
    time = datetime.now(UTC)
    return make_event(
        "evt_1", kind, source="/leeway", subject="x", time=time, ordering="alert/1", data=data
    )


def data(**more: Any) -> dict[str, Any]:
    return json.loads(alert().body)["data"] | more


def active(url: str) -> list[dict[str, Any]]:
    found = httpx.get(f"{url}/api/v2/alerts", params={"active": "true"}, trust_env=False)
    return list(found.json())


async def test_an_alert_is_active_until_it_resolves(alertmanager: Running) -> None:
    options: dict[str, object] = {"base_url": alertmanager.url}
    fired = await attempt("alertmanager", options, now(FIRING, data()))
    assert (fired.status, fired.error) == (200, None)
    (seen,) = active(alertmanager.url)
    assert seen["labels"] == LABELS
    ends = datetime.fromisoformat(seen["endsAt"])
    assert ends - datetime.now(UTC) > timedelta(days=29)
    calm = data(state="resolved", features=[], reason="cleared")
    resolved = await attempt("alertmanager", options, now(RESOLVED, calm))
    assert (resolved.status, resolved.error) == (200, None)
    assert active(alertmanager.url) == []


async def test_a_test_alert_is_taken(alertmanager: Running) -> None:
    options: dict[str, object] = {"base_url": alertmanager.url}
    tried = await attempt("alertmanager", options, now(TEST, {"target": "am"}))
    assert (tried.status, tried.error) == (200, None)
    assert [one["labels"]["alertname"] for one in active(alertmanager.url)] == ["LeewayTest"]
