"""Types that shapes share: names, durations, times, and the two kinds of models."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from app.api import durations
from app.api.schemas.members import refuse_members

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
NAME_RULE = "Up to 128 letters, digits, dots, underscores and hyphens."
TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
FIRST_YEAR, LAST_YEAR = 1970, 2200


class Declared(BaseModel):
    """A shape that callers send; what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_what_is_known(cls, value: object) -> object:
        """Refuse names that the shape does not have, in words that lead on."""
        if isinstance(value, dict):
            known = [info.alias or name for name, info in cls.model_fields.items()]
            refuse_members(cls.__name__, value, known)
        return value


class Answer(BaseModel):
    """A shape that callers receive."""

    model_config = ConfigDict(frozen=True)


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    # What is no text fails the pattern, with the same words.
    return durations.parse(value if isinstance(value, str) else "")


def parse_time(value: object) -> datetime:
    """Return the time that RFC 3339 text means, in UTC; a time without an offset is UTC.

    Raises
    ------
    ValueError
        It is no such text, no such time, or not between 1970 and 2200.
    """
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not TIME.fullmatch(value):
        raise ValueError("a time is RFC 3339 text such as 2013-03-04T00:00:00Z")
    try:
        time = datetime.fromisoformat(value.upper())
        aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("there is no such time") from error
    if not FIRST_YEAR <= aware.year <= LAST_YEAR:
        raise ValueError(f"times lie between {FIRST_YEAR} and {LAST_YEAR}")
    return aware


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(durations.text, return_type=str),
    WithJsonSchema({"type": "string", "pattern": durations.PATTERN, "examples": ["7d"]}),
]
Time = Annotated[
    datetime,
    BeforeValidator(parse_time),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2013-03-04T00:00:00Z"]}),
]
Name = Annotated[str, Field(pattern=NAME_PATTERN, description=NAME_RULE)]
