"""Slack, an incoming webhook: a line for notifications, and blocks to read."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.alerts.delivery import Topic
from app.domain.errors import Invalid
from app.egress import read_url
from app.targets._happened import Happened, happened
from app.targets._http import body_of, from_another, judged
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field
from app.targets._secrets import SecretUnavailable

LONGEST = 500
"""Characters of a text, before some of them are escaped; a block may have 3,000."""
SAID = {
    400: "Slack could not read the message",
    403: "Slack does not allow this webhook to post",
    404: "Slack knows no such webhook: was it removed?",
    410: "the channel is archived",
}


@dataclass(frozen=True, slots=True)
class Options:
    """Which channel is told."""

    url: str = secret_field(
        "The URL of an incoming webhook, which is a secret as a whole.", "env:SLACK_WEBHOOK_URL"
    )


parse = reader(Options)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Post the message. Slack keeps no ids: a try whose answer was lost is told twice."""
    url = await reach.secrets.read(options.url)
    try:
        read_url(url)
    except Invalid:
        raise SecretUnavailable(f"{options.url}: the secret is not a URL") from None
    headers = {"content-type": "application/json"}
    sent = body_of(document(happened(outgoing), reach.public_url))
    response = await reach.client.post(url, content=sent, headers=headers)
    answer = judged(response, outgoing.at, SAID)
    if answer.error is None and response.content.strip() != b"ok":
        return from_another(answer, "Slack")
    return answer


def document(event: Happened, public_url: str | None = None) -> Mapping[str, object]:
    """Return the body of a request; all of it plain, since names are anybody's words."""
    parts = [event.time]
    window = event.data.get("window")
    if isinstance(window, Mapping):
        span = f"window {window.get('start')} to {window.get('end')}"
        parts.append(f"{span}, {window.get('rows')} rows")
    parts.append(event.link(public_url) or event.id)
    return {
        "text": _plain(event.headline()),
        "mrkdwn": False,
        "blocks": [
            {"type": "section", "text": _block(event.headline())},
            *({"type": "section", "text": _block(line)} for line in event.lines()),
            {"type": "context", "elements": [_block(" | ".join(parts))]},
        ],
    }


def _block(text: str) -> Mapping[str, object]:
    return {"type": "plain_text", "text": _plain(text), "emoji": False}


def _plain(text: str) -> str:
    """Return a text without control characters, in which nobody is mentioned."""
    plain = "".join(c if c.isprintable() else " " for c in text[:LONGEST])
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


KIND = Kind(
    "slack", "Tells a Slack channel.", Options, parse, send, takes=frozenset({Topic.ALERTS})
)
