"""The steps of an alert as a short history: what stayed the same for many windows is one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from app.domain.telling.reports import AlertStep


@dataclass(frozen=True, slots=True)
class Stretch:
    """Windows one after the other, after each of which the alert stood alike."""

    state: str
    reason: str
    first: datetime
    last: datetime
    windows: int
    restated: int
    """Windows among them that were judged again."""


def stretches(steps: Sequence[AlertStep]) -> tuple[Stretch, ...]:
    """Return the stretches of steps that are newest first."""
    found = []
    for (state, reason), grouped in groupby(steps, lambda step: (step.state, step.reason)):
        alike = list(grouped)
        restated = sum(step.revision > 1 for step in alike)
        ends = alike[-1].window, alike[0].window
        found.append(Stretch(state, reason, *ends, len(alike), restated))
    return tuple(found)
