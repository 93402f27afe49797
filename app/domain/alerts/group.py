"""Alerts of one monitor and version as the world hears of them: one message a look. Pure.

A group holds the alert of all rows and those of the segments. It fires while any of them does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.alerts.alert import AlertState, Change
from app.domain.model import WHOLE

PATIENCE = timedelta(minutes=2)
"""How long the news of a look waits for the rest of it: then what is known is told."""


class GroupKey(NamedTuple):
    """Names a group."""

    model_id: int
    version: str
    monitor: str


@dataclass(frozen=True, slots=True)
class Member:
    """One alert of a group: that of all rows, or of one segment."""

    alert_id: int
    segment: str
    state: AlertState
    told: bool
    """Whether it fired when the group was settled last."""
    since: datetime
    worst: tuple[str, ...]
    news: Mapping[str, Any] | None
    """What there is to tell of its change since then."""

    @property
    def fires(self) -> bool:
        return self.state is AlertState.FIRING


class GroupReason(StrEnum):
    """What became of a group when it was settled."""

    QUIET = "quiet"
    BEGAN = "began"
    JOINED = "joined"
    """It fires already, and now for more of its members."""
    SOME_RECOVERED = "some_recovered"
    """Others fire on: nobody need act on that, so it is shown and not told."""
    STILL_FIRING = "still_firing"
    ALL_RECOVERED = "all_recovered"


class Seen(NamedTuple):
    """A group between two settlements."""

    fired: bool
    fires: bool
    more: bool
    """Some members fire that did not."""
    fewer: bool
    """Some members fired that do not any more."""


class Outcome(NamedTuple):
    """What is told, and why."""

    change: Change | None
    reason: GroupReason


TABLE: Mapping[Seen, Outcome] = {
    Seen(False, False, False, False): Outcome(None, GroupReason.QUIET),
    Seen(False, True, True, False): Outcome(Change.FIRING, GroupReason.BEGAN),
    Seen(True, True, True, False): Outcome(Change.FIRING, GroupReason.JOINED),
    Seen(True, True, True, True): Outcome(Change.FIRING, GroupReason.JOINED),
    Seen(True, True, False, True): Outcome(None, GroupReason.SOME_RECOVERED),
    Seen(True, True, False, False): Outcome(None, GroupReason.STILL_FIRING),
    Seen(True, False, False, True): Outcome(Change.RESOLVED, GroupReason.ALL_RECOVERED),
}
"""All that can be seen: who fires now and did not is more, who fired and does not is fewer."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is told of a group, and of whom."""

    outcome: Outcome
    changed: tuple[Member, ...]
    """Whom the message is about, the worst first."""
    others: tuple[Member, ...]
    """Who fires besides."""
    recovered: int
    """Of those that fired when the group was settled last."""


def settle(members: Sequence[Member]) -> Settled:
    """Return what is to be told of a group as it is now."""
    began = [one for one in members if one.fires and not one.told]
    recovered = [one for one in members if one.told and not one.fires]
    seen = Seen(
        fired=any(one.told for one in members),
        fires=any(one.fires for one in members),
        more=bool(began),
        fewer=bool(recovered),
    )
    outcome = TABLE[seen]
    changed = recovered if outcome.change is Change.RESOLVED else began
    others = [one for one in members if one.fires and one.told]
    return Settled(
        outcome,
        tuple(sorted(changed, key=_badness)),
        tuple(sorted(others, key=lambda one: (one.segment != WHOLE, one.since, one.segment))),
        len(recovered),
    )


def _badness(member: Member) -> tuple[bool, float, str]:
    """Return what orders members: all rows first, then the largest effect."""
    features = (member.news or {}).get("features")
    said = features[0]["statistics"] if features else {}
    known = [said["psi"]] if "psi" in said else said.values()
    effect = max((one["effect"] or 0.0 for one in known), default=0.0)
    return member.segment != WHOLE, -effect, member.segment
