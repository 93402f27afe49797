"""How grave is what no window tells, where no monitor says it, on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Declared
from app.domain.monitors.monitor import USUAL_SEVERITIES, Severities, Severity


class SeveritiesDeclaration(Declared):
    """How grave alerts are whose monitor does not say it."""

    traffic: Severity = Field(USUAL_SEVERITIES.traffic, description="Rows stopped coming.")
    retraining: Severity = Field(
        USUAL_SEVERITIES.retraining, description="A retraining failed or fell silent."
    )

    def severities(self) -> Severities:
        return Severities(self.traffic, self.retraining)


class SeveritiesAnswer(Answer):
    """How grave alerts are whose monitor does not say it."""

    traffic: Severity
    retraining: Severity

    @classmethod
    def of(cls, severities: Severities | None) -> Self:
        said = severities or USUAL_SEVERITIES
        return cls(traffic=said.traffic, retraining=said.retraining)
