"""What is read back for people who look at many windows at once. Only values."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Judged:
    """A window, and what one monitor says of it; the state is None where it was not judged."""

    start: datetime
    end: datetime
    rows: int
    state: str | None
    warning: bool
    page: bool
    reason: str | None
    verdict: int | None
    """Id of what was said."""


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model with the last judged window of its champion.

    Of another version where the champion was not judged yet: ``version`` says which.
    """

    id: int
    name: str
    window: timedelta
    champion: str | None
    version: str | None
    baseline: int | None
    latest: Judged | None
