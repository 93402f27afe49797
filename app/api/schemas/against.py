"""Counterparts that monitors declare, on the wire."""

from typing import Annotated, Any, Self

from pydantic import Field, ModelWrapValidatorHandler, StrictInt, model_validator

from app.api.schemas.base import NAME_PATTERN, Answer, Declared, Duration
from app.domain.monitors.monitor import Against, AgainstKind


class AgainstDeclaration(Declared):
    """Other traffic that windows are also held against."""

    kind: AgainstKind = Field(
        description="The window before; what came in a ``span`` before it; the same hours of some "
        "``weeks`` before; or the same time of another ``version``."
    )
    span: Duration | None = Field(default=None, description="For ``trailing``.")
    weeks: Annotated[StrictInt, Field(ge=1, le=8)] | None = Field(
        default=None, description="For ``same_hour``; left out: one."
    )
    version: Annotated[str, Field(pattern=NAME_PATTERN)] | None = Field(
        default=None, description="For ``version``; left out: the champion."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _as_answered(cls, value: Any, inner: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        """Take the name that answers add, where it is right: what is told can be declared."""
        if not isinstance(value, dict) or "comparison" not in value:
            return inner(value)
        made = inner({name: one for name, one in value.items() if name != "comparison"})
        if value["comparison"] != made.against().name:
            raise ValueError("`comparison` goes by the other members: leave it out")
        return made

    def against(self) -> Against:
        return Against(self.kind, self.span, self.weeks, self.version)


class AgainstAnswer(Answer):
    """Other traffic that windows are also held against."""

    kind: AgainstKind
    span: Duration | None
    weeks: int | None
    version: str | None
    comparison: str = Field(description="Under which its judgements are read.")

    @classmethod
    def of(cls, against: Against) -> Self:
        return cls(
            kind=against.kind,
            span=against.span,
            weeks=against.weeks,
            version=against.version,
            comparison=against.name,
        )
