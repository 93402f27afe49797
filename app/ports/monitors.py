"""What the steps ask of the store about monitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.model import Model
from app.domain.monitors.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Declared:
    """A monitor as it is declared at present, and since when."""

    monitor: Monitor
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A monitor as it was declared last, the name of its frame, and since when it is deleted."""

    monitor: Monitor
    frame: str
    deleted_at: datetime | None


class Monitors(Protocol):
    """Declared monitors of models; a change makes a version, and none is ever rewritten."""

    async def of(self, model_id: int) -> Sequence[Monitor]:
        """Return a model's present monitors that judge windows, by name."""

    async def page(self, model_id: int, after: str | None, limit: int) -> Sequence[Declared]:
        """Return present monitors of every kind by name, those after ``after``."""

    async def get(self, model_id: int, name: str) -> Declared | None: ...
    async def frame_of(self, model_id: int, name: str) -> str | None:
        """Return a monitor's frame, also of one that was deleted; None: there never was one."""

    async def known(self, model_id: int, name: str) -> Known | None:
        """Return what was declared last under a name, also of a monitor that was deleted."""

    async def put(self, model: Model, monitor: Monitor) -> Declared:
        """Declare a monitor under the next version; the present one, if any, is retired."""

    async def add_missing(self, model: Model, usual: Sequence[Monitor]) -> None:
        """Declare those of which there was never one of that name."""

    async def refit(self, model: Model) -> None:
        """Have intake open the windows that present monitors judge, and no others."""

    async def retire(self, model_id: int, name: str) -> bool:
        """Ask no more; False where there is no such monitor."""
