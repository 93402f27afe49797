"""What the steps ask of the store about alerts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.domain.alerts.alert import AlertKey, AlertState, Present, Step
from app.domain.alerts.group import GroupKey, Member
from app.domain.verdicts.judgement import WindowKey


@dataclass(frozen=True, slots=True)
class Awake:
    """An alert that fires, is about to, or has news to tell."""

    id: int
    key: AlertKey
    state: AlertState


class Alerts(Protocol):
    """One alert per (model, version, segment, monitor); its steps, one per window.

    Those of one monitor and version are a group: what changes waits as news until it is settled.
    """

    async def present(self, key: AlertKey) -> Present | None: ...
    async def before(self, key: AlertKey) -> Step | None:
        """The step of the last window before ``key.start``."""

    async def replace(self, key: AlertKey, steps: Sequence[Step], worst: Sequence[str]) -> int:
        """Write the steps from ``key.start`` on over those that stood there; the alert's id."""

    async def awake(self, model_id: int) -> Sequence[Awake]:
        """Alerts of a model that fire or are about to, and those with news to tell."""

    async def resolve(self, alert_id: int, reason: str, *, fired: bool = True) -> None:
        """Resolve an alert from outside (its model was deleted)."""

    async def note(self, alert_id: int, news: Mapping[str, Any]) -> None:
        """Keep what there is to tell of a change; nothing where it took back another one."""

    async def members(self, key: GroupKey) -> Sequence[Member]: ...
    async def settled(self, key: GroupKey) -> None:
        """Note that the world knows how a group is now."""

    async def unsettled(self, model_id: int, version: str) -> Sequence[str]:
        """Monitors of which there is something to tell."""

    async def overdue(self, limit: int) -> Sequence[GroupKey]:
        """Groups whose news waits for windows that do not come, those that wait longest first."""

    async def claim(self, key: GroupKey) -> bool:
        """Keep closers of the version waiting; False where it stays busy: try again later."""

    async def origins(self, key: GroupKey) -> Collection[datetime]:
        """The starts of the windows that the news of a group comes from."""

    async def awaited(self, window: WindowKey, starts: Collection[datetime]) -> bool:
        """Whether windows that begin then are still to be judged, apart from this one."""

    async def barriers(self, window: WindowKey) -> Mapping[str, datetime]:
        """By monitor, the start of the last window of its series that gives no reason to fire."""

    async def bar(self, key: GroupKey, frame: str, *, apart: bool) -> None:
        """Have no window that is closed by now give the alerts of a group reason to fire.

        ``apart``: the windows of each segment begin at times of their own.
        """
