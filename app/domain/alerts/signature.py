"""Webhook signatures after Standard Webhooks: signing, verifying, and the form of a secret."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
TOLERANCE = timedelta(minutes=5)
MAX_SIGNATURES = 16
"""Signatures of one request that are looked at; a sender in rotation sends two."""


def read_secret(secret: str) -> bytes:
    """Return the key that a secret holds: ``whsec_`` and base64 of 24 to 64 bytes.

    Raises `ValueError`, which never repeats the secret.
    """
    text = secret.strip()
    if not text.startswith(PREFIX):
        raise ValueError(f"the secret does not begin with {PREFIX}")
    encoded = text.removeprefix(PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"the secret is not base64 after {PREFIX}") from None
    if len(key) not in KEY_BYTES:
        raise ValueError(
            f"the secret must hold {KEY_BYTES.start} to {KEY_BYTES.stop - 1} bytes, not {len(key)}"
        )
    return key


def write_secret(key: bytes) -> str:
    """Return the text form of a key."""
    return PREFIX + base64.b64encode(key).decode()


def sign(key: bytes, id: str, timestamp: str, body: bytes) -> str:  # noqa: A002  the header's name
    """Return one signature, ``v1,`` and base64 of HMAC-SHA256 over id, timestamp and body."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(
    keys: Iterable[bytes],
    id: str,  # noqa: A002  the header's name
    at: datetime,
    body: bytes,
) -> dict[str, str]:
    """Return the three headers; several keys sign while a secret is being replaced."""
    timestamp = str(int(at.timestamp()))
    signatures = " ".join(sign(key, id, timestamp, body) for key in keys)
    return {ID: id, TIMESTAMP: timestamp, SIGNATURE: signatures}


def refusal(
    keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime
) -> str | None:
    """Return why a request is not to be trusted, or None where one signature fits one key.

    ``headers`` have lower-case names. A request signed more than five minutes away from ``now``
    is refused, since anybody on the way could have kept it.
    """
    id_, timestamp, signatures = (headers.get(name) for name in (ID, TIMESTAMP, SIGNATURE))
    if not (id_ and timestamp and signatures):
        return "a webhook header is missing"
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return "the timestamp is not a number of seconds"
    age = now.timestamp() - int(timestamp)
    if abs(age) > TOLERANCE.total_seconds():
        return "the timestamp is too old" if age > 0 else "the timestamp is in the future"
    given = [text.encode() for text in signatures.split(" ")[:MAX_SIGNATURES]]
    wanted = [sign(key, id_, timestamp, body).encode() for key in keys]
    if any([hmac.compare_digest(one, other) for one in given for other in wanted]):  # noqa: C419  every pair, in the same time
        return None
    return "no signature fits"
