"""What the query of a page's address may say; what it may not is told, never guessed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from starlette.requests import Request

from app.domain.errors import Fault, Invalid

LONGEST = 400
LARGEST = 2**63 - 1


def text(request: Request, name: str) -> str | None:
    """Return a text of the query; None where it is not given, or empty as forms send it."""
    value = request.query_params.get(name, "")
    if len(value) > LONGEST or "\0" in value:
        raise _wrong(name, f"is longer than {LONGEST} characters, or no text")
    return value or None


def one_of(request: Request, name: str, allowed: Iterable[str]) -> str | None:
    """Return one of the values that a query may have."""
    value = text(request, name)
    values = list(allowed)
    if value is not None and value not in values:
        raise _wrong(name, "is one of: " + ", ".join(values))
    return value


def number(request: Request, name: str) -> int | None:
    """Return a number that is not negative."""
    value = text(request, name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 19 or int(value) > LARGEST:
        raise _wrong(name, "is a number")
    return int(value)


def moment(request: Request, name: str) -> datetime | None:
    """Return a time; one that names no zone is in UTC, as everything here is."""
    value = text(request, name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _wrong(name, "is a time such as 2024-01-01T00:00Z") from None


def _wrong(name: str, rule: str) -> Invalid:
    return Invalid("the address asks for what there is not", (Fault(rule, field=name),))
