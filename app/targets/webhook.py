"""A webhook: a CloudEvents body, signed after Standard Webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.errors import Fault, Invalid
from app.domain.event import CONTENT_TYPE
from app.domain.signature import read_secret, signed_headers
from app.egress import read_url
from app.targets._answers import by_status
from app.targets._kind import Answer, Kind, Outgoing, Reach, raise_faults, read_texts
from app.targets._secrets import Secrets, SecretUnavailable, check_reference


@dataclass(frozen=True, slots=True)
class Options:
    """Where a webhook goes, and how it is signed."""

    url: str = field(
        metadata={
            "format": "uri",
            "description": "http or https, without a user or a password.",
            "examples": ["https://hooks.example.com/leeway"],
        }
    )
    secret: str = field(
        metadata={
            "description": "Where the signing secret lies: env:NAME or file:/path. The secret "
            "itself is whsec_ and base64 of 24 to 64 bytes; it is read at each try, never stored.",
            "examples": ["env:LEEWAY_WEBHOOK_SECRET"],
        }
    )
    previous_secret: str | None = field(
        default=None,
        metadata={
            "description": "While a secret is replaced: where the old one lies. Both sign.",
            "examples": ["file:/run/secrets/old"],
        },
    )


def parse(options: Mapping[str, object]) -> Options:
    """Return the options, or raise `Invalid` with a pointer for each that is wrong."""
    texts = read_texts(options, Options)
    url, secret, previous = texts["url"] or "", texts["secret"] or "", texts["previous_secret"]
    faults: list[Fault] = []
    try:
        read_url(url)
    except Invalid as error:
        faults.extend(error.faults)
    for pointer, reference in (("/secret", secret), ("/previous_secret", previous)):
        wrong = None if reference is None else check_reference(reference)
        if wrong is not None:
            faults.append(Fault(wrong, pointer))
    raise_faults(faults)
    return Options(url, secret, previous)


async def send(options: Options, outgoing: Outgoing, reach: Reach) -> Answer:
    """Post the event, signed for this try."""
    references = [options.secret, options.previous_secret]
    keys = [await _key(reach.secrets, reference) for reference in references if reference]
    headers = signed_headers(keys, outgoing.id, outgoing.at, outgoing.body)
    headers["content-type"] = CONTENT_TYPE
    response = await reach.client.post(options.url, content=outgoing.body, headers=headers)
    return by_status(response, outgoing.at)


async def _key(secrets: Secrets, reference: str) -> bytes:
    try:
        return read_secret(await secrets.read(reference))
    except ValueError as error:
        raise SecretUnavailable(f"{reference}: {error}") from None


KIND = Kind("webhook", "An HTTP endpoint that takes signed events.", Options, parse, send)
