"""How monitors tell the figures of outputs, on the wire."""

from typing import Annotated, Self

from pydantic import Field, StrictFloat

from app.api.schemas.base import Answer, Declared
from app.domain.monitors.monitor import MonitorKind
from app.domain.outputs.figure import LONGEST_LEVEL, Outputs


class OutputsDeclaration(Declared):
    """Of ``prediction_drift``: how the positive rate is told; null: from the reference."""

    positive: Annotated[str, Field(min_length=1, max_length=LONGEST_LEVEL)] | None = Field(
        default=None,
        description="The level of a prediction that is positive. Null: that of a usual pair, such "
        "as 1 and 0, true and false, yes and no.",
    )
    threshold: Annotated[StrictFloat, Field(ge=-1e9, le=1e9)] | None = Field(
        default=None,
        description="The score from which on a row is positive. Null: 0.5, where there is no "
        "prediction.",
    )

    def outputs(self, kind: MonitorKind) -> Outputs | None:
        found = Outputs(self.positive, None if self.threshold is None else float(self.threshold))
        return None if kind is not MonitorKind.PREDICTION_DRIFT and found == Outputs() else found


class OutputsAnswer(Answer):
    """How the positive rate is told."""

    positive: str | None
    threshold: float | None

    @classmethod
    def of(cls, outputs: Outputs | None) -> Self:
        said = outputs or Outputs()
        return cls(positive=said.positive, threshold=said.threshold)
