"""PagerDuty, Events API v2: an alert triggers an incident, its end resolves the same one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.alerts.delivery import Topic
from app.targets._happened import Happened, happened
from app.targets._http import body_of, from_another, judged
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, url_field

SEVERITIES = {"P1": "critical", "P2": "error", "P3": "warning", "P4": "info"}
ACCEPTED = 202
LONGEST_KEY = 255
LONGEST_SUMMARY = 1_024
SAID = {
    400: "PagerDuty found the event or its routing key invalid",
    429: "PagerDuty takes no more events at present",
}


@dataclass(frozen=True, slots=True)
class Options:
    """Which service is paged."""

    routing_key: str = secret_field(
        "The integration key of a service's Events API v2 integration.", "env:PAGERDUTY_KEY"
    )
    url: str = url_field(
        "Where events are sent; another one in other service regions.",
        "https://events.eu.pagerduty.com/v2/enqueue",
        default="https://events.pagerduty.com/v2/enqueue",
    )


parse = reader(Options)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Trigger or resolve. A test does both, so that it leaves nobody an incident to close."""
    event = happened(outgoing)
    key = await reach.secrets.read(options.routing_key)
    for action, incident in requests(event):
        asked = document(event, action, key) | {"dedup_key": incident}
        sent = body_of(asked | links(event, reach.public_url))
        headers = {"content-type": "application/json"}
        response = await reach.client.post(options.url, content=sent, headers=headers)
        answer = judged(response, outgoing.at, SAID)
        if answer.error is None and response.status_code != ACCEPTED:
            answer = from_another(answer, "PagerDuty")
        if answer.error:
            break
    return answer


def requests(event: Happened) -> Sequence[tuple[str, str]]:
    """Return what is asked in turn, each of an incident."""
    if event.is_test:
        return [(action, dedup_key(event)) for action in ("trigger", "resolve")]
    if not event.is_over:
        return [("trigger", dedup_key(event))]
    return [("resolve", _key_of(event, identity)) for identity in event.identities()]


def document(event: Happened, action: str, routing_key: str) -> dict[str, object]:
    """Return the body of a request."""
    about = event.about()
    return {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": dedup_key(event),
        "payload": {
            "summary": event.headline()[:LONGEST_SUMMARY],
            "source": about["model"] or event.source,
            "severity": SEVERITIES.get(str(event.data.get("severity")), "info"),
            "timestamp": event.time,
            "component": about["version"] or "leeway",
            "group": event.segment or "all rows",
            "class": about["monitor"] or "test",
            "custom_details": event.data,
        },
        "client": "Leeway",
    }


def links(event: Happened, public_url: str | None) -> dict[str, object]:
    """Return where an incident leads to, if that is known."""
    found = {
        "The window in Leeway": event.link(public_url),
        "The same as JSON": event.api_link(public_url),
    }
    shown = [{"href": href, "text": text} for text, href in found.items() if href]
    return {"links": shown} if shown else {}


def dedup_key(event: Happened) -> str:
    """Return what ties a resolve to its trigger: the alert, through all of its episodes."""
    if event.is_test:
        return f"leeway:test:{event.id}"
    return _key_of(event, event.identity())


def _key_of(event: Happened, identity: Mapping[str, str]) -> str:
    key = ":".join(["leeway", event.source, *identity.values()])
    if len(key) <= LONGEST_KEY:
        return key
    return "leeway:" + hashlib.sha256(key.encode()).hexdigest()


KIND = Kind(
    "pagerduty",
    "Pages people through PagerDuty.",
    Options,
    parse,
    send,
    takes=frozenset({Topic.ALERTS}),
)
