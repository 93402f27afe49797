"""Times as people write them into addresses and forms, taken for UTC."""

from datetime import UTC, datetime, timedelta

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


def picked(time: datetime) -> str:
    """Return a time as a picker holds it; finer than a millisecond it is the next one.

    What was known at a moment is known after it, too, so that sending it back changes nothing.

    Examples
    --------
    >>> picked(datetime(2013, 3, 4, 5, 6, 7, tzinfo=UTC))
    '2013-03-04T05:06:07'
    >>> picked(datetime(2013, 3, 4, 5, 6, 7, 1, tzinfo=UTC))
    '2013-03-04T05:06:07.001'
    """
    utc = time.astimezone(UTC)
    whole = utc + timedelta(microseconds=-utc.microsecond % 1000)
    told = whole.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return told.removesuffix(".000")
