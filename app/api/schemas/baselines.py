"""Baselines on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Declared, Time
from app.api.schemas.models import SchemaAnswer
from app.domain.model import Baseline, Model


class Span(Declared):
    """A half-open stretch of event time, in whole panes of 15 minutes."""

    from_: Time = Field(alias="from")
    to: Time


class WindowsDeclaration(Declared):
    """A reference made of what is stored already."""

    windows: Span


class WarningAnswer(Answer):
    """Something about a reference that looked wrong."""

    feature: str | None
    code: str
    message: str


class BaselineAnswer(Answer):
    """A frozen reference."""

    id: int
    model: str
    version: str
    fingerprint: str = Field(description="Digest of typed values, schema and grid set.")
    rows: int
    grid_set: int = Field(description="Baselines on one grid set can be compared with its windows.")
    active: bool
    schema_: SchemaAnswer = Field(serialization_alias="schema")
    warnings: list[WarningAnswer]
    created_at: Time
    activated_at: Time | None

    @classmethod
    def of(cls, model: Model, baseline: Baseline) -> Self:
        return cls(
            id=baseline.number,
            model=model.name,
            version=baseline.version,
            fingerprint=baseline.fingerprint,
            rows=baseline.rows,
            grid_set=baseline.grid_set,
            active=model.active_baseline == baseline.number,
            schema_=SchemaAnswer.of(baseline.schema),
            warnings=[
                WarningAnswer(feature=warned.feature, code=warned.code, message=warned.message)
                for warned in baseline.warnings
            ],
            created_at=baseline.created_at,
            activated_at=baseline.activated_at,
        )


class BaselinePage(Answer):
    """Baselines of a model, newest first."""

    items: list[BaselineAnswer]
    next_cursor: str | None
