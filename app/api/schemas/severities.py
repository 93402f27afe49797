"""How grave is what every model is watched for without a monitor, on the wire."""

from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Declared
from app.domain.monitors.monitor import USUAL_SEVERITIES, Severities, Severity


class SeveritiesDeclaration(Declared):
    """How grave alerts are that need no monitor."""

    traffic: Severity = Field(USUAL_SEVERITIES.traffic, description="Rows stopped coming.")
    retraining: Severity = Field(
        USUAL_SEVERITIES.retraining, description="A retraining failed or fell silent."
    )

    def severities(self) -> Severities:
        return Severities(self.traffic, self.retraining)


class SeveritiesAnswer(Answer):
    """How grave alerts are that need no monitor."""

    traffic: Severity
    retraining: Severity

    @classmethod
    def of(cls, severities: Severities | None) -> Self:
        said = severities or USUAL_SEVERITIES
        return cls(traffic=said.traffic, retraining=said.retraining)
