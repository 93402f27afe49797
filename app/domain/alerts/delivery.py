"""Deliveries: one event to one target, tried by a schedule that is data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.monitors.monitor import Severity

SCHEDULE: tuple[timedelta, ...] = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait before each try: ten tries over about three days."""

JITTER = 0.2
"""A wait is lengthened by up to this share, so that many deliveries do not come back at once."""

PER_TARGET = 4
"""Tries under way to one target: one that hangs must not take the places of all others."""

GONE = 410


class Topic(StrEnum):
    """What an event is about: a target takes some of them, and a test event goes to all."""

    ALERTS = "alerts"
    RETRAININGS = "retrainings"


EVERY_TOPIC = frozenset(Topic)


class DeliveryState(StrEnum):
    """Pending until delivered, dead (tries used up or refused for good) or superseded."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Target:
    """Where events go. Secrets are references (``env:NAME``, ``file:PATH``), never values."""

    name: str
    kind: str
    options: Mapping[str, object]
    enabled: bool = True
    disabled_reason: str | None = None
    takes: frozenset[Topic] = EVERY_TOPIC
    severities: frozenset[Severity] | None = None
    """Of alerts that go there; None: all."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: what came back, or why nothing did. ``status`` None: no answer."""

    at: datetime
    status: int | None
    error: str | None
    took: timedelta
    retry_after: timedelta | None = None
    run: str | None = None
    """The receiver's own name of the run that it started."""
    final: bool = False
    """Whether the same would come back at every other try."""

    @property
    def succeeded(self) -> bool:
        """Whether the event arrived; some receivers say 409 to what they have already."""
        return self.error is None and self.status is not None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery leased for one try; ``tries`` is the number of those made before."""

    id: int
    event_id: str
    event_type: str
    body: bytes
    target: Target
    tries: int


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a delivery after an attempt."""

    state: DeliveryState
    at: datetime | None
    disable_target: bool = False


def after(attempt: Attempt, tries: int, jitter: float) -> Next:
    """Return what becomes of a delivery after its ``tries``-th try (this one counted).

    ``jitter`` is drawn by the caller from [0, 1). A ``Retry-After`` is honoured, held between
    once and twice our own wait. 410 means: never again, and the target is disabled. What is
    refused for good is not tried again; people may, when they have mended it.
    """
    if attempt.succeeded:
        return Next(DeliveryState.DELIVERED, None)
    if attempt.status == GONE:
        return Next(DeliveryState.DEAD, None, disable_target=True)
    if attempt.final or tries >= len(SCHEDULE):
        return Next(DeliveryState.DEAD, None)
    wait = SCHEDULE[tries]
    if attempt.retry_after is not None:
        wait = min(max(attempt.retry_after, wait), 2 * wait)
    ended = attempt.at + attempt.took
    return Next(DeliveryState.PENDING, ended + wait * (1 + JITTER * jitter))
