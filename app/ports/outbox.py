"""Targets, and what is to be delivered to them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.alerts.delivery import PER_TARGET, Attempt, Claimed, Next, Target
from app.domain.alerts.event import Event
from app.domain.alerts.target_use import TargetUse


class Targets(Protocol):
    """Where events go."""

    async def put(self, target: Target) -> bool:
        """Create or replace; True where it was created. Replacing enables it again."""

    async def get(self, name: str) -> Target | None: ...
    async def page(self, after: str | None, limit: int) -> Sequence[Target]: ...
    async def hold(self, names: Collection[str], *, alone: bool = False) -> Collection[str]:
        """Return those that there are, which stay until this transaction ends.

        ``alone`` waits for everybody else who holds one of them.
        """

    async def used(self, name: str) -> TargetUse:
        """Return which present monitors and retraining policies name a target."""

    async def delete(self, name: str) -> bool: ...
    async def disable(self, name: str, reason: str) -> None: ...


class Outbox(Protocol):
    """Events, their deliveries, and the attempts."""

    async def add(self, event: Event, targets: Sequence[str]) -> Sequence[int]:
        """Store an event with one pending delivery per target.

        When it is a resolve, every delivery of the same ordering key that is still pending is
        superseded, also to a target that is disabled now and may be enabled again.
        """

    async def told(self, ordering: str) -> Collection[str]:
        """Targets that were last told, under an ordering key, that something fires."""

    async def told_alone(self, ordering: str) -> Collection[str]:
        """Segments that were told to fire by themselves, as before there were groups."""

    async def claim(
        self, limit: int, lease: timedelta, per_target: int = PER_TARGET
    ) -> Sequence[Claimed]:
        """Lease due deliveries: the oldest pending one of each (ordering key, target).

        No target has more than ``per_target`` leased at a time.
        """

    async def record(self, delivery_id: int, attempt: Attempt, outcome: Next) -> None: ...
    async def redeliver(self, delivery_id: int) -> bool:
        """Make it pending again, due now, with the same event; False where there is none."""

    async def pending(self) -> int: ...
    async def prune(self, kept_for: timedelta, limit: int) -> int:
        """Delete at most ``limit`` older events with their deliveries and attempts.

        Not what is to be delivered yet, nor the firing of what was not told to be over.
        """


class Sender(Protocol):
    """Makes one try of a delivery. Never raises for what the network or the receiver does."""

    async def send(self, claimed: Claimed, now: datetime) -> Attempt: ...
