"""What the steps ask of the store about windows by rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.monitors.by_rows import ByRows, Cuts, Held, Span
from app.domain.window import SourceProgress


@dataclass(frozen=True, slots=True)
class Strip:
    """The windows by rows of one series; ``begin`` is None where it starts with its first rows."""

    model_id: int
    version: str
    segment: str
    frame: ByRows
    lateness: timedelta
    begin: datetime | None


@dataclass(frozen=True, slots=True)
class Asking:
    """A model that is judged now, and the windows by rows that it is asked for."""

    model_id: int
    lateness: timedelta
    frames: tuple[ByRows, ...]


class Borders(Protocol):
    """Where windows by rows end."""

    async def asking(self) -> Sequence[Asking]:
        """Return the models of which monitors ask for such windows."""

    async def progress(self, model_id: int) -> Mapping[str, Sequence[SourceProgress]]:
        """Return how far the sources of each version have come."""

    async def strips(self, asking: Asking) -> Sequence[Strip]:
        """Return the series of a model that may have a window to cut."""

    async def claim(self, strip: Strip) -> Strip | None:
        """Keep intake and other closers away from the series, and read it again.

        None where it stays busy, or nobody asks any more: try again later.
        """

    async def held(self, strip: Strip, until: datetime) -> tuple[Sequence[Held], datetime]:
        """Return the rows from where the next window begins, and until when they are all there.

        They are of 30 days at least, and carry no counts.
        """

    async def open(self, strip: Strip, cuts: Cuts) -> None:
        """Open the windows that have ended; their borders stay as they are from now on."""

    async def stretch(self, strip: Strip) -> Span | None:
        """Return from when to when the series has rows."""
