"""What the steps ask of the store about windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.alerts.alert import Look
from app.domain.verdicts.judgement import Gathered, Revision, Sighting, WindowKey, WindowRow
from app.domain.window import SourceProgress


@dataclass(frozen=True, slots=True)
class Due:
    """A window that may need work: never judged, or restated since it was."""

    window: WindowRow
    lateness: timedelta
    restated: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """The windows of a (model, version) that were never judged."""

    model_id: int
    version: str
    lateness: timedelta
    first_end: datetime
    """The earliest end among them."""
    sources: Sequence[SourceProgress]


class Windows(Protocol):
    """Windows and their revisions."""

    async def any(self, model_id: int) -> bool:
        """Whether the model has windows, so that their width is fixed."""

    async def progress(self, model_id: int, version: str) -> Sequence[SourceProgress]: ...
    async def backlogs(self) -> Sequence[Backlog]:
        """What waits to be judged, of models with an active baseline."""

    async def open(self, backlog: Backlog, until: datetime, limit: int) -> Sequence[Due]:
        """Windows of a backlog that end no later than ``until``, in the order of their ends."""

    async def restated(self, limit: int) -> Sequence[Due]:
        """Closed windows that took rows since they were judged, in the order of their starts."""

    async def claim(self, window_id: int) -> WindowRow | None:
        """Lock the window's series against intake and other closers, and read it again."""

    async def gather(self, window: WindowRow) -> Gathered:
        """What the window's panes hold; damaged counts are not handed out, but said."""

    async def gather_pieces(
        self, key: WindowKey, spans: Sequence[tuple[datetime, datetime]]
    ) -> Gathered:
        """What stretches of a window's series hold together; they lie close to each other."""

    async def straddled(self, window: WindowRow) -> bool:
        """Whether rows of that time may lie in sums of hours or days that reach beyond it."""

    async def save(self, window: WindowRow, revision: Revision) -> None:
        """Store a revision with its counts and its values in plain columns; close the window."""

    async def looks(self, key: WindowKey, monitor: str) -> Sequence[Look]:
        """What a monitor said of the latest revisions of a series from ``key.start`` on."""

    async def sightings(self, window: WindowRow) -> Sequence[Sighting]:
        """Columns that batches of a window lacked, or had beyond the schema."""
