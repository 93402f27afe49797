"""Refused batches on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.api.schemas.problem import FaultAnswer
from app.domain.rejection import Reason, StoredRejection


class RejectionAnswer(Answer):
    """A batch that was refused; nothing of it was counted."""

    id: int
    model: str
    version: str
    source: str
    key: str | None = Field(description="The ``Idempotency-Key`` it came with; it stays free.")
    reason: Reason
    detail: str = Field(description="What was wrong, as it was answered; cut after 200 characters.")
    errors: list[FaultAnswer] = Field(description="Where: the first ten. Names, never values.")
    errors_left_out: int
    rows: int = Field(description="Rows that were read of it; 0 where it could not be read at all.")
    batches: int = Field(
        description="1, or how many refused batches of this reason and minute it stands for: "
        "twenty are described, the others are added to the last of them."
    )
    at: Time

    @classmethod
    def of(cls, stored: StoredRejection) -> Self:
        found = stored.rejection
        return cls(
            id=stored.id,
            model=found.model,
            version=found.version or "",
            source=found.source,
            key=found.key,
            reason=found.reason,
            detail=found.detail,
            errors=[
                FaultAnswer(pointer=one.pointer, row=one.row, field=one.field, detail=one.detail)
                for one in found.faults
            ],
            errors_left_out=found.left_out,
            rows=found.rows,
            batches=stored.batches,
            at=stored.at,
        )


class RejectionPage(Answer):
    """Rejections, newest first."""

    items: list[RejectionAnswer]
    next_cursor: str | None
