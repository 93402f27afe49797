"""Whether to ask is decided in one place: each thing in the way has its name."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.retrainings.policy import (
    Cause,
    Episode,
    Held,
    Policy,
    Standing,
    Wish,
    asks_for,
    cause_of,
    episode_of,
    episode_of_age,
    held,
    retraining_id,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy("hook", monitors=("default",), cooldown=2 * HOUR)
FREE = Standing(POLICY, "v1", asked=False, in_flight=None, last_asked_at=None)
DRIFT = Wish(Cause.DRIFT, "alert/1/x", "", "default")
STALE = Wish(Cause.STALENESS, "age/v1/x/1", "")
HAND = Wish(Cause.MANUAL, "hand/1", "")


def standing(**changes: object) -> Standing:
    names = Standing.__slots__
    members = {name: getattr(FREE, name) for name in names} | changes
    return Standing(**members)  # type: ignore[arg-type]


def policy(**changes: object) -> Standing:
    members = {name: getattr(POLICY, name) for name in Policy.__slots__} | changes
    return standing(policy=Policy(**members))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wish", "found", "expected"),
    [
        (DRIFT, FREE, None),
        (DRIFT, standing(policy=None), Held.NO_POLICY),
        (DRIFT, standing(champion=None), Held.NO_CHAMPION),
        (DRIFT, standing(asked=True), Held.EPISODE_ASKED),
        (DRIFT, policy(enabled=False), Held.DISABLED),
        (DRIFT, policy(on=frozenset({Cause.PERFORMANCE})), Held.OTHER_CAUSE),
        (DRIFT, policy(monitors=("other",)), Held.OTHER_MONITOR),
        (DRIFT, policy(monitors=None), None),
        (DRIFT, standing(in_flight="rtr_1"), Held.IN_FLIGHT),
        (DRIFT, standing(last_asked_at=NOW - HOUR), Held.COOLDOWN),
        (DRIFT, standing(last_asked_at=NOW - 2 * HOUR), None),
        (STALE, FREE, Held.OTHER_CAUSE),
        (STALE, policy(maximum_age=HOUR), None),
        (STALE, policy(maximum_age=HOUR, on=frozenset()), None),
        (HAND, standing(last_asked_at=NOW), None),
        (HAND, policy(enabled=False), None),
        (HAND, standing(in_flight="rtr_1"), Held.IN_FLIGHT),
        (HAND, standing(asked=True), Held.EPISODE_ASKED),
        (HAND, standing(asked=True, policy=None, champion=None), Held.EPISODE_ASKED),
    ],
)
def test_what_is_in_the_way_is_named(wish: Wish, found: Standing, expected: Held | None) -> None:
    assert held(wish, found, NOW) is expected


@pytest.mark.parametrize("kind", [MonitorKind.DATA_DRIFT, MonitorKind.PREDICTION_DRIFT])
def test_alerts_on_drift_ask_and_those_on_bad_data_only_where_they_are_named(
    kind: MonitorKind,
) -> None:
    assert cause_of(Monitor("one", 1, kind=kind), None) is Cause.DRIFT
    quality = Monitor("quality", 1, kind=MonitorKind.DATA_QUALITY)
    assert cause_of(quality, None) is None
    assert cause_of(quality, ["other"]) is None
    assert cause_of(quality, ["quality"]) is Cause.DRIFT


def test_an_age_is_one_episode_until_it_has_doubled() -> None:
    day = timedelta(days=1)
    ages = [episode_of_age("v1", NOW, 30 * day, NOW + days * day) for days in (30, 59, 60)]
    assert ages[0] == ages[1] != ages[2]


def test_an_id_is_that_of_its_episode_alone() -> None:
    same = {retraining_id("m", NOW, "alert/1/x") for _ in range(3)}
    assert len(same) == 1
    others = {
        retraining_id("m", NOW, "alert/1/y"),
        retraining_id("n", NOW, "alert/1/x"),
        retraining_id("m", NOW + HOUR, "alert/1/x"),
    }
    assert len(others | same) == 4


ON, OVER, LONG_OVER = Episode("on", None), Episode("over", NOW), Episode("old", NOW - HOUR)
OWN = "alert/7/2026-03-02T12:00:00Z"


@pytest.mark.parametrize(
    ("known", "since", "expected"),
    [
        ([], NOW, OWN),
        ([ON], NOW, "on"),
        ([OVER, ON, LONG_OVER], NOW - 2 * HOUR, "on"),
        ([OVER], NOW, "over"),
        ([OVER], NOW + HOUR, "alert/7/2026-03-02T13:00:00Z"),
        ([LONG_OVER, OVER], NOW - 2 * HOUR, "over"),
        ([LONG_OVER], NOW, OWN),
    ],
)
def test_an_alert_belongs_to_the_episode_that_lasts_or_that_its_window_lies_in(
    known: list[Episode], since: datetime, expected: str
) -> None:
    assert episode_of(known, 7, since) == expected


def test_a_monitor_asks_where_the_policy_lets_it() -> None:
    monitor = Monitor("default", 1)
    assert asks_for(POLICY, monitor) is Cause.DRIFT
    assert asks_for(POLICY, Monitor("other", 1)) is None
    for change in ({"enabled": False}, {"on": frozenset({Cause.PERFORMANCE})}):
        changed = policy(**change).policy
        assert changed is not None
        assert asks_for(changed, monitor) is None
