"""What two requests share exactly where they send the same rows. Pure."""

import hashlib
from urllib.parse import parse_qsl


def fingerprint(plain: bytes, media_type: str, query: str) -> bytes:
    """Return the digest that two requests share exactly where they ask for the same.

    Parameters
    ----------
    plain
        The body, decompressed.
    media_type
        Without parameters, in lower case.
    query
        As it stands in the address; the order of its parts does not matter.
    """
    pairs = sorted(parse_qsl(query, keep_blank_values=True)) if query else []
    digest = hashlib.sha256(plain)
    # Lengths first: no body can then pass for another one's body and query.
    for part in (media_type, *(text for pair in pairs for text in pair)):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()


def content_key(digest: bytes) -> str:
    """Return the key that a batch without one has, by the fingerprint of its request."""
    return f"sha256:{digest.hex()}"
