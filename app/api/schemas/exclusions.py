"""Times that a monitor leaves out, on the wire."""

import datetime as dt
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.api.schemas.base import FIRST_YEAR, LAST_YEAR, Answer, Declared, Duration
from app.domain.calendars.exclusion import LONGEST_CRON, UTC_NAME, Exclusion


def _day(value: object) -> dt.date:
    try:
        day = dt.datetime.strptime(value, "%Y-%m-%d").date() if isinstance(value, str) else None  # noqa: DTZ007
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"a day is text such as 2026-12-24, from {FIRST_YEAR} to {LAST_YEAR}")
    return day


Day = Annotated[
    dt.date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-24"]}),
]
Place = Annotated[str, Field(min_length=1, max_length=64)]


class ExclusionDeclaration(Declared):
    """One of: ``cron`` with ``for``, ``date``, ``from`` and ``to``, or ``country``."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"cron": "0 22 * * 5", "for": "8h"}, {"country": "DE"}]}
    )

    cron: Annotated[str, Field(max_length=LONGEST_CRON)] | None = Field(
        None, description="When ranges begin: minute, hour, day of month, month, day of week."
    )
    for_: Duration | None = Field(None, alias="for", description="How long they last, up to 7d.")
    date: Day | None = Field(None, description="A whole day.")
    from_: Day | None = Field(None, alias="from", description="The first of some days.")
    to: Day | None = Field(None, description="The last of them; 366 at most.")
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(
        None, description="Its public holidays: two letters of ISO 3166."
    )
    subdivision: Place | None = Field(None, description="A part of the country, such as ``BE``.")
    timezone: Place = Field(UTC_NAME, description="In which crons and days are meant.")

    def exclusion(self) -> Exclusion:
        return Exclusion(
            cron=self.cron,
            span=self.for_,
            on=self.date,
            first=self.from_,
            last=self.to,
            country=self.country,
            subdivision=self.subdivision,
            zone=self.timezone,
        )


class ExclusionAnswer(Answer):
    """Times that are left out."""

    cron: str | None
    for_: Duration | None = Field(serialization_alias="for")
    date: dt.date | None
    from_: dt.date | None = Field(serialization_alias="from")
    to: dt.date | None
    country: str | None
    subdivision: str | None
    timezone: str

    @classmethod
    def of(cls, one: Exclusion) -> Self:
        return cls(
            cron=one.cron,
            for_=one.span,
            date=one.on,
            from_=one.first,
            to=one.last,
            country=one.country,
            subdivision=one.subdivision,
            timezone=one.zone,
        )
