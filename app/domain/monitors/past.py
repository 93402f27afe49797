"""Windows of the past with what they counted, to be judged again by another rule."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.verdicts.judgement import Gathered


class Left(StrEnum):
    """Why a window of the past is left out."""

    REMOVED = "removed"
    """Retention removed its counts."""
    MERGED = "merged"
    """Its rows lie in sums of hours or days that reach beyond it."""
    GRID = "grid"
    """It was counted on a grid set that no baseline which was ever active has."""


@dataclass(frozen=True, slots=True)
class PastWindow:
    """One closed window; ``revision`` is 0 where it was never stored as one."""

    start: datetime
    end: datetime
    revision: int
    gathered: Gathered
    left: Left | None = None
