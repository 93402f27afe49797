"""Deliveries on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.domain.alerts.delivery import DeliveryState
from app.domain.telling.reports import DeliverySummary, StoredAttempt


class DeliveryLine(Answer):
    """One event on its way to one target."""

    id: int
    event_id: str = Field(description="The same at every attempt, so that receivers can tell.")
    event_type: str
    subject: str
    target: str
    state: DeliveryState
    tries: int
    due_at: Time | None
    created_at: Time
    changed_at: Time

    @classmethod
    def of(cls, delivery: DeliverySummary, **more: object) -> Self:
        members = {
            "id": delivery.id,
            "event_id": delivery.event_id,
            "event_type": delivery.event_type,
            "subject": delivery.subject,
            "target": delivery.target,
            "state": DeliveryState(delivery.state),
            "tries": delivery.tries,
            "due_at": delivery.due_at,
            "created_at": delivery.created_at,
            "changed_at": delivery.changed_at,
        }
        return cls.model_validate(members | more)


class DeliveryPage(Answer):
    """Deliveries, newest first."""

    items: list[DeliveryLine]
    next_cursor: str | None


class AttemptAnswer(Answer):
    """One try, and what came back."""

    at: Time
    status: int | None = Field(description="Null where no answer came.")
    error: str | None
    seconds: float = Field(description="How long it took.")
    retry_after: float | None = Field(description="Seconds that the receiver asked us to wait.")
    run: str | None = Field(description="The receiver's own name of the run that it started.")

    @classmethod
    def of(cls, attempt: StoredAttempt) -> Self:
        wait = attempt.retry_after
        return cls(
            at=attempt.at,
            status=attempt.status,
            error=attempt.error,
            seconds=attempt.took.total_seconds(),
            retry_after=wait.total_seconds() if wait is not None else None,
            run=attempt.run,
        )


class DeliveryAnswer(DeliveryLine):
    """A delivery with every attempt."""

    attempts: list[AttemptAnswer]
