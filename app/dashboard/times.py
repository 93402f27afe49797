"""Times as people write them into addresses and forms, taken for UTC."""

from datetime import UTC, datetime

from app.domain.errors import Fault, Invalid

FIRST_YEAR, LAST_YEAR = 1970, 2200
LONGEST = 40


def parse_time(text: str, field: str) -> datetime:
    """Return the time that ISO 8601 text means; one without an offset is UTC.

    Raises
    ------
    Invalid
        It is no time, or not between 1970 and 2200.
    """
    fault = Fault("is a time such as 2013-03-04T00:00:00Z", field=field)
    try:
        found = datetime.fromisoformat(text if len(text) <= LONGEST else "")
        aware = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("the address holds no such time", (fault,)) from None
    if not FIRST_YEAR <= aware.year <= LAST_YEAR:
        raise Invalid("the address holds no such time", (fault,))
    return aware
