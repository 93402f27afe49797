"""What retention is about to do, on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Duration, Time
from app.api.schemas.models import RetentionAnswer
from app.domain.model import Model
from app.domain.retention import Due, Retention, Rung


class DueAnswer(Answer):
    """One rung that history comes down as it ages."""

    rung: Rung
    after: Duration = Field(description="The age from which it is due.")
    until: Time = Field(description="What ended, and closed, by then is due now.")
    due: int = Field(
        description="Windows that are due now; for ``hours_to_days`` and ``days_removed`` sums of "
        "counts. Those of later rungs come down the rungs before them first."
    )
    start: Time | None = Field(description="Where they begin in event time.")
    end: Time | None = Field(description="Where they end.")
    next_at: Time | None = Field(
        description="Not before then there is more; null where nothing is there that grows old."
    )


class RetentionPreview(Answer):
    """What becomes coarser or goes, and when. Each model is looked at within the hour."""

    now: Time
    retention: RetentionAnswer = Field(description="As it is in force, with its defaults.")
    final_after: Duration
    rungs: list[DueAnswer]

    @classmethod
    def of(cls, model: Model, now: datetime, found: Mapping[Rung, Due]) -> Self:
        return cls(
            now=now,
            retention=RetentionAnswer.of(model.settings.retention or Retention()),
            final_after=model.settings.final_after,
            rungs=[
                DueAnswer(
                    rung=rung,
                    after=now - due.until,
                    until=due.until,
                    due=due.things,
                    start=due.start,
                    end=due.end,
                    next_at=due.next_at,
                )
                for rung, due in found.items()
            ],
        )
