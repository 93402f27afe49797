"""Figures of a model's outputs on the wire."""

from collections.abc import Collection, Iterable
from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer
from app.domain.outputs.figure import told
from app.domain.telling.reports import StoredVerdict
from drift_core import State


class OutputAnswer(Answer):
    """One figure of a window beside the reference's. It is also among the features."""

    feature: str = Field(description="Its name there, such as ``positive_rate(approved)``.")
    figure: str = Field(
        description="``positive_rate``: the share of rows whose prediction is positive. "
        "``confidence``: the mean of how far scores lie to either end, from 0.5 to 1."
    )
    column: str
    state: State
    reason: str | None = Field(description="Why there is none, where there is none.")
    reference: float | None
    current: float | None
    difference: float | None = Field(description="How much larger it is than the reference's.")
    lower: float | None = Field(description="Of the 95 % interval of the difference.")
    upper: float | None
    p_value: float | None = Field(description="Of confidence: of its whole distribution.")
    p_adjusted: float | None = Field(description="Corrected for all that the monitor looks at.")

    @classmethod
    def of(cls, verdict: StoredVerdict) -> Self:
        figure, column = told(verdict.feature) or ("", "")
        found = next((one for one in verdict.estimates if one.statistic == figure), None)
        usual = found.null_mean if found else None

        def beyond(value: float | None) -> float | None:
            return None if value is None or usual is None else value - usual

        return cls(
            feature=verdict.feature,
            figure=figure,
            column=column,
            state=State(verdict.state),
            reason=verdict.reason,
            reference=usual,
            current=found.value if found else None,
            difference=beyond(found.value) if found else None,
            lower=beyond(found.lower) if found else None,
            upper=beyond(found.upper) if found else None,
            p_value=found.p_value if found else None,
            p_adjusted=verdict.p_adjusted,
        )


def outputs_of(features: Iterable[StoredVerdict], columns: Collection[str]) -> list[OutputAnswer]:
    """Return the figures among the features of a verdict; a column may have such a name."""
    figures = (one for one in features if told(one.feature) and one.feature not in columns)
    return [OutputAnswer.of(one) for one in figures]
