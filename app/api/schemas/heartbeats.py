"""Heartbeats on the wire."""

from typing import Self

from pydantic import ConfigDict, Field, StrictInt

from app.api.schemas.base import NAME_PATTERN, Answer, Declared, Time
from app.domain.sources.heartbeat import Heartbeat

MOST_ROWS = 10**15
SPAN = "Quarters of an hour, within one window."


class HeartbeatDeclaration(Declared):
    """What a source has sent."""

    source: str = Field("http", pattern=NAME_PATTERN, description="As ``Leeway-Source`` names it.")
    from_: Time = Field(alias="from", description=f"Begin of a span of event time. {SPAN}")
    to: Time = Field(description="Its end, which does not belong to it.")
    rows: StrictInt = Field(ge=0, le=MOST_ROWS, description="Rows that happened in it.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "gateway-1",
                    "from": "2013-03-04T00:00:00Z",
                    "to": "2013-03-04T01:00:00Z",
                    "rows": 1_240,
                }
            ]
        }
    )

    def heartbeat(self) -> Heartbeat:
        return Heartbeat("", self.source, self.from_, self.to, self.rows)


class HeartbeatAnswer(Answer):
    """What was written down."""

    version: str
    source: str
    from_: Time = Field(serialization_alias="from")
    to: Time
    rows: int

    @classmethod
    def of(cls, heartbeat: Heartbeat) -> Self:
        return cls(
            version=heartbeat.version,
            source=heartbeat.source,
            from_=heartbeat.start,
            to=heartbeat.end,
            rows=heartbeat.rows,
        )
