"""Runs that a target started, as its receiver tells of them, and what is wrong with a target."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """How far a run is. Unknown: the receiver could not be asked, or did not say."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands. ``detail`` is in our words: fit to be stored and shown."""

    phase: Phase
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about a target that will keep its events from having an effect."""

    code: str
    message: str
    pointer: str
    """Into the declaration; empty where it is about the receiver as a whole."""
