"""Whether another site's page made a browser send a request.

Browsers attach Basic passwords by themselves, and a loopback service has none: what writes must
come from a page of ours, or from no page at all.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

OURS = frozenset({"same-origin", "none"})
DEFAULT_PORTS = {"http": 80, "https": 443}


def foreign(headers: Headers) -> bool:
    """Whether the headers say so. Programs send neither of them, and are not refused.

    ``Sec-Fetch-Site`` is the browser's own judgement; over plain HTTP to another machine it sends
    only ``Origin``, which is then to name the host that was called.
    """
    sites = headers.getlist("sec-fetch-site")
    if sites:
        return any(site.strip().lower() not in OURS for site in sites)
    called = headers.get("host", "")
    return any(not _same(origin, called) for origin in headers.getlist("origin"))


def _same(origin: str, called: str) -> bool:
    """Whether an origin is that of the host that was called, whoever ended the TLS before us."""
    try:
        source = urlsplit(origin.strip())
        target = urlsplit(f"//{called.strip()}")
        usual = DEFAULT_PORTS[source.scheme]
        ports = {port or usual for port in (source.port, target.port)}
    except (ValueError, KeyError):
        return False
    return bool(source.hostname) and source.hostname == target.hostname and len(ports) == 1
