"""Which verdicts are asked for; apart from them, since the command line needs no numbers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Which verdicts are asked for: of one model or of all, by the start of their windows."""

    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
