"""When to ask for a retraining: declared by model, decided in one place. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from app.domain.alerts.event import rfc3339
from app.domain.monitors.monitor import Monitor, MonitorKind

PREFIX = "rtr_"
ID_DIGITS = 32


class Cause(StrEnum):
    """What a retraining is asked for by."""

    DRIFT = "drift"
    PERFORMANCE = "performance"
    STALENESS = "staleness"
    MANUAL = "manual"


ON_ALERT = frozenset({Cause.DRIFT, Cause.PERFORMANCE})
CAUSES = {MonitorKind.DATA_DRIFT: Cause.DRIFT, MonitorKind.PREDICTION_DRIFT: Cause.DRIFT}
"""What alerts of a kind of monitor ask for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is declared of a model's retraining."""

    target: str
    on: frozenset[Cause] = frozenset({Cause.DRIFT})
    """Causes of alerts that ask; staleness asks where ``maximum_age`` is set, a person always."""
    monitors: tuple[str, ...] | None = None
    """Only alerts of these ask; None: those of every monitor whose kind fits ``on``."""
    cooldown: timedelta = timedelta(days=1)
    """How long after one was asked for no other is, but by a person."""
    maximum_age: timedelta | None = None
    """The age at which a champion is to be replaced although nothing drifted."""
    deadline: timedelta = timedelta(hours=6)
    poll_every: timedelta = timedelta(minutes=1)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """A reason to retrain. One episode is one drift, one age, one person's wish."""

    cause: Cause
    episode: str
    detail: str
    monitor: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model's retraining stands, as far as asking for another one cares."""

    policy: Policy | None
    champion: str | None
    asked: bool
    """Whether this episode was asked for already."""
    in_flight: str | None
    """The id of the run that is in flight."""
    last_asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Episode:
    """The drift of a champion that a monitor's alerts asked in last."""

    name: str
    until: datetime | None
    """None while they fire; else the start of the last window that was looked at by then."""


class Held(StrEnum):
    """Why a retraining is not asked for."""

    NO_POLICY = "no_policy"
    NO_CHAMPION = "no_champion"
    EPISODE_ASKED = "episode_asked"
    DISABLED = "disabled"
    OTHER_CAUSE = "other_cause"
    OTHER_MONITOR = "other_monitor"
    IN_FLIGHT = "in_flight"
    COOLDOWN = "cooldown"


def held(wish: Wish, standing: Standing, now: datetime) -> Held | None:
    """Return why not to ask, or None: ask. A person is held back by a run in flight only.

    What was asked for before stays so, whatever was declared since.
    """
    policy = standing.policy
    if standing.asked:
        return Held.EPISODE_ASKED
    if policy is None:
        return Held.NO_POLICY
    if standing.champion is None:
        return Held.NO_CHAMPION
    if wish.cause is Cause.MANUAL:
        return Held.IN_FLIGHT if standing.in_flight else None
    return _unwanted(wish, policy) or _too_soon(policy, standing, now)


def _unwanted(wish: Wish, policy: Policy) -> Held | None:
    if not policy.enabled:
        return Held.DISABLED
    if wish.cause is Cause.STALENESS:
        return Held.OTHER_CAUSE if policy.maximum_age is None else None
    if wish.cause not in policy.on:
        return Held.OTHER_CAUSE
    if policy.monitors is not None and wish.monitor not in policy.monitors:
        return Held.OTHER_MONITOR
    return None


def _too_soon(policy: Policy, standing: Standing, now: datetime) -> Held | None:
    if standing.in_flight is not None:
        return Held.IN_FLIGHT
    last = standing.last_asked_at
    return Held.COOLDOWN if last is not None and now - last < policy.cooldown else None


def asks_for(policy: Policy, monitor: Monitor) -> Cause | None:
    """Return what a monitor's alert asks for under a policy; None: for nothing."""
    cause = cause_of(monitor, policy.monitors)
    if cause is None or _unwanted(Wish(cause, "", "", monitor.name), policy) is not None:
        return None
    return cause


def cause_of(monitor: Monitor, chosen: Sequence[str] | None) -> Cause | None:
    """Return what an alert of a monitor asks for; None: nothing that a retraining cures.

    Bad data is no reason to train on it, unless the policy names that monitor itself.
    """
    if monitor.name in (chosen or ()):
        return CAUSES.get(monitor.kind, Cause.DRIFT)
    return CAUSES.get(monitor.kind)


def episode_of(known: Iterable[Episode], alert_id: int, since: datetime) -> str:
    """Return the name of the episode that an alert belongs to, which fires since this window.

    An episode begins with the first alert that asks, whose name it has, and ends with the last:
    what begins to fire meanwhile belongs to it. So does what fires in windows of before its end,
    which late rows had judged anew.
    """
    lasting = [one for one in known if one.until is None or since <= one.until]
    latest = max(lasting, key=_last, default=None)
    return latest.name if latest else f"alert/{alert_id}/{rfc3339(since)}"


def _last(episode: Episode) -> tuple[bool, datetime, str]:
    until = episode.until
    return until is None, until or datetime.min.replace(tzinfo=UTC), episode.name


def episode_of_age(version: str, since: datetime, maximum_age: timedelta, now: datetime) -> str:
    """Return the name of the span in which a champion is so many times older than it may be."""
    return f"age/{version}/{rfc3339(since)}/{(now - since) // maximum_age}"


def episode_by_hand(key: str) -> str:
    return f"hand/{hashlib.sha256(key.encode()).hexdigest()[:ID_DIGITS]}"


def retraining_id(model: str, created_at: datetime, episode: str) -> str:
    """Return the id of an episode's run: the same whoever computes it, so that it is asked once.

    The model's creation is part of it, since installations may share an orchestrator.
    """
    text = f"{model}\n{rfc3339(created_at)}\n{episode}"
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
