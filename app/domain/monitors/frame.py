"""The shape of windows: how wide they are, and how far apart they begin."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.window import MONDAY, PANE

WIDEST = timedelta(days=30)
MOST_OVERLAP = 168
"""Windows of one frame that a moment lies in: a week by the hour."""
MOST_FRAMES = 8
"""Of a model, beside its own windows: each opens windows for every pane that comes."""


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """Windows that begin every ``step``, aligned to a Monday; they overlap where it is shorter."""

    width: timedelta
    step: timedelta

    @property
    def name(self) -> str:
        """Return the minutes of both: ``1440/60``."""
        width, step = (round(one.total_seconds() / 60) for one in (self.width, self.step))
        return f"{width}/{step}"

    @property
    def overlap(self) -> int:
        """How many windows a moment lies in."""
        return self.width // self.step

    def stride(self, time: datetime) -> int:
        """Return the number of the step that holds a moment."""
        return (time - MONDAY) // self.step

    def start(self, stride: int) -> datetime:
        """Return where the window begins whose first step has a number."""
        return MONDAY + stride * self.step


def fault_of(frame: Frame) -> tuple[str, str] | None:
    """Return what is wrong with a frame, and of which member; None where it can be used."""
    if frame.width % PANE or not PANE <= frame.width <= WIDEST:
        return "window", "must be a multiple of 15m, from 15m to 30d"
    if frame.step % PANE or not PANE <= frame.step <= frame.width or frame.width % frame.step:
        return "step", "must be a multiple of 15m that divides the window"
    if frame.overlap > MOST_OVERLAP:
        return "step", f"lets {frame.overlap} windows overlap; at most {MOST_OVERLAP} can"
    return None
