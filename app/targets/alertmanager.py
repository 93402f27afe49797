"""Prometheus Alertmanager, API v2: it groups, silences and routes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain.alerts.delivery import Topic
from app.domain.alerts.event import rfc3339
from app.domain.errors import Fault
from app.domain.monitors.monitor import Severity
from app.targets._happened import Happened, happened
from app.targets._http import basic, bearer, body_of, judged, under
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, text_field, url_field

HELD = timedelta(days=30)
"""An alert without an end is over for Alertmanager after five minutes, so ours has one: far off,
and moved to the present when it resolves."""
TESTED = timedelta(minutes=5)
SAID = {
    400: "Alertmanager found the alert invalid",
    401: "Alertmanager, or what stands before it, does not accept the user or the token",
    422: "Alertmanager found the alert invalid",
}


@dataclass(frozen=True, slots=True)
class Options:
    """Where Alertmanager is."""

    base_url: str = url_field(
        "Where it is, without /api/v2.", "http://alertmanager.monitoring.svc:9093"
    )
    token: str | None = secret_field("A bearer token.", "env:ALERTMANAGER_TOKEN", default=None)
    user: str | None = text_field("A user for basic authentication.", "leeway", default=None)
    password: str | None = secret_field("The user's password.", "env:AM_PASSWORD", default=None)


def _between(options: Options) -> list[Fault]:
    if (options.user is None) != (options.password is None):
        return [Fault("a user and a password belong together", "/password")]
    if options.user and options.token:
        return [Fault("either a token or a user, not both", "/token")]
    return []


parse = reader(Options, _between)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Post the alert as it is now."""
    headers = await bearer(reach.secrets, options.token)
    if options.user and options.password:
        headers = basic(options.user, await reach.secrets.read(options.password))
    response = await reach.client.post(
        under(options.base_url, "api", "v2", "alerts"),
        content=body_of(document(happened(outgoing), reach.public_url)),
        headers=headers | {"content-type": "application/json"},
    )
    return judged(response, outgoing.at, SAID)


def document(event: Happened, public_url: str | None = None) -> Sequence[Mapping[str, object]]:
    """Return the alerts to post: their labels are what Alertmanager knows them by.

    An end is posted for every severity, since that of a monitor may be declared anew while its
    alert fires; what never fired with one of them is told to nobody.
    """
    about = _labels(event.identity())
    labels = {
        "alertname": "LeewayTest" if event.is_test else "Leeway",
        "severity": str(event.data.get("severity", "P4")),
        "service": event.source,
    }
    if event.is_test:
        labels["target"] = str(event.data.get("target", ""))
    annotations = {"summary": event.headline(), "event": event.id}
    alert: dict[str, object] = {"labels": labels | about, "annotations": annotations}
    if link := event.link(public_url):
        alert["generatorURL"] = link
    notes = {
        "description": "; ".join(event.lines()),
        "segment": event.segment,
        "api": event.api_link(public_url),
    }
    annotations |= {name: note for name, note in notes.items() if note}
    if event.is_over:
        ended = alert | {"endsAt": event.time}
        return [
            ended | {"labels": labels | _labels(identity) | {"severity": one}}
            for identity in event.identities()
            for one in Severity
        ]
    lasts = TESTED if event.is_test else HELD
    return [alert | {"startsAt": event.time, "endsAt": rfc3339(event.at + lasts)}]


def _labels(identity: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in identity.items() if value}


KIND = Kind(
    "alertmanager",
    "Hands alerts to a Prometheus Alertmanager.",
    Options,
    parse,
    send,
    takes=frozenset({Topic.ALERTS}),
)
