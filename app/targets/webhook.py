"""A webhook: a CloudEvents body, signed after Standard Webhooks or in GitHub's way."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.alerts.event import CONTENT_TYPE
from app.domain.alerts.signature import read_secret, signed_headers
from app.domain.errors import Fault
from app.targets._answers import by_status
from app.targets._happened import happened
from app.targets._kind import Answer, Kind, Outgoing, Reach
from app.targets._options import reader, secret_field, text_field, url_field
from app.targets._secrets import Secrets, SecretUnavailable

STANDARD, GITHUB = "standard", "github"
HEADER = r"[Xx]-[A-Za-z0-9-]{1,60}"


@dataclass(frozen=True, slots=True)
class Options:
    """Where a webhook goes, and how it is signed."""

    url: str = url_field(
        "http or https, without a user or a password.", "https://hooks.example.com/leeway"
    )
    secret: str = secret_field(
        "The signing secret: whsec_ and base64 of 24 to 64 bytes; any text with the signature "
        "'github'.",
        "env:LEEWAY_WEBHOOK_SECRET",
    )
    previous_secret: str | None = secret_field(
        "While a secret is replaced: the old one. Both sign.", "file:/run/secrets/old", default=None
    )
    signature: str = text_field(
        "How it is signed: after Standard Webhooks, or as GitHub does, sha256= and the hex digest "
        "of an HMAC over the body.",
        GITHUB,
        default=STANDARD,
        enum=(STANDARD, GITHUB),
    )
    signature_header: str = text_field(
        "With the signature 'github': the header that carries it.",
        "x-zenml-signature-256",
        default="x-hub-signature-256",
        pattern=HEADER,
    )
    delivery_header: str | None = text_field(
        "With the signature 'github': a header for the event's id, the same at every try.",
        "x-zenml-delivery",
        default=None,
        pattern=HEADER,
    )
    event_header: str | None = text_field(
        "With the signature 'github': a header for the event's type.",
        "x-zenml-event",
        default=None,
        pattern=HEADER,
    )


def _between(options: Options) -> list[Fault]:
    if options.signature == GITHUB and options.previous_secret:
        said = "a signature of this form has room for one secret"
        return [Fault(said, "/previous_secret")]
    return []


parse = reader(Options, _between)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Post the event, signed for this try."""
    signed = _github if options.signature == GITHUB else _standard
    headers = dict(await signed(options, outgoing, reach.secrets))
    headers["content-type"] = CONTENT_TYPE
    if reach.public_url and (page := happened(outgoing).link(reach.public_url)):
        headers["link"] = f'<{page}>; rel="alternate"; type="text/html"'
    response = await reach.client.post(options.url, content=outgoing.body, headers=headers)
    return by_status(response, outgoing.at)


async def _standard(options: Options, outgoing: Outgoing, secrets: Secrets) -> Mapping[str, str]:
    references = [options.secret, options.previous_secret]
    keys = [await _key(secrets, reference) for reference in references if reference]
    return signed_headers(keys, outgoing.id, outgoing.at, outgoing.body)


async def _github(options: Options, outgoing: Outgoing, secrets: Secrets) -> Mapping[str, str]:
    key = (await secrets.read(options.secret)).encode()
    digest = hmac.new(key, outgoing.body, hashlib.sha256).hexdigest()
    # the id also as Standard Webhooks has it, so that every receiver finds it in one place
    headers = {"webhook-id": outgoing.id, options.signature_header: f"sha256={digest}"}
    if options.delivery_header:
        headers[options.delivery_header] = outgoing.id
    if options.event_header:
        headers[options.event_header] = outgoing.type
    return headers


async def _key(secrets: Secrets, reference: str) -> bytes:
    try:
        return read_secret(await secrets.read(reference))
    except ValueError as error:
        raise SecretUnavailable(f"{reference}: {error}") from None


KIND = Kind("webhook", "An HTTP endpoint that takes signed events.", Options, parse, send)
