"""How answers over HTTP are read: the status, and ``Retry-After`` in both of its forms."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from app.targets._kind import Answer

MAX_RETRY_AFTER = timedelta(days=7)


def by_status(response: httpx.Response, at: datetime) -> Answer:
    """Read an answer of which only the status matters; the body is left out on purpose."""
    status = response.status_code
    if 200 <= status < 300:
        return Answer(status, None)
    error = f"HTTP {status}"
    if 300 <= status < 400:
        error += ": redirects are not followed"
    return Answer(status, error, retry_after(response.headers.get("retry-after"), at))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return the wait that a ``Retry-After`` asks for, from zero to a week; None for nonsense."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), MAX_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:  # the old forms of the date are in GMT without saying so
        date = date.replace(tzinfo=UTC)
    return min(max(date - now, timedelta(0)), MAX_RETRY_AFTER)
