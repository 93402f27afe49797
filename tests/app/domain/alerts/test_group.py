"""Groups of alerts as a table, and the laws of what is told of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.alerts.alert import AlertState, Change, Look, replay
from app.domain.alerts.group import TABLE, GroupReason, Member, Seen, settle
from app.domain.alerts.group_message import MOST_MEMBERS, group_data
from app.domain.monitors.monitor import Monitor

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRES, CALM = AlertState.FIRING, AlertState.RESOLVED


def news(effect: float = 1.0, **more: object) -> dict[str, Any]:
    said = {"psi": {"value": effect, "effect": effect, "p_value": 1e-9}}
    feature = {"feature": "x", "statistics": said}
    about = {"model": "m", "version": "v", "monitor": "default", "segment": ""}
    return about | {"features": [feature], "window": {"start": "2026-03-02T00:00:00Z"}} | more


def member(
    segment: str,
    state: AlertState = FIRES,
    *,
    told: bool = False,
    effect: float | None = 1.0,
    worst: tuple[str, ...] = ("x",),
) -> Member:
    told_of = None if effect is None else news(effect, segment=segment)
    return Member(len(segment), segment, state, told, START, worst, told_of)


@pytest.mark.parametrize(
    ("members", "change", "reason"),
    [
        ([], None, GroupReason.QUIET),
        ([member("", CALM)], None, GroupReason.QUIET),
        ([member("", AlertState.PENDING)], None, GroupReason.QUIET),
        ([member(""), member("a")], Change.FIRING, GroupReason.BEGAN),
        ([member("", told=True), member("a")], Change.FIRING, GroupReason.JOINED),
        ([member("", CALM, told=True), member("a")], Change.FIRING, GroupReason.JOINED),
        ([member("", told=True)], None, GroupReason.STILL_FIRING),
        ([member("", told=True), member("a", CALM, told=True)], None, GroupReason.SOME_RECOVERED),
        ([member("", CALM, told=True)], Change.RESOLVED, GroupReason.ALL_RECOVERED),
    ],
)
def test_what_is_told(members: list[Member], change: Change | None, reason: GroupReason) -> None:
    assert settle(members).outcome == (change, reason)


def test_the_table_holds_what_can_be_seen_and_nothing_else() -> None:
    one = [member("", state, told=told) for state in (FIRES, CALM) for told in (True, False)]
    seen = set()
    for mask in range(16):
        some = [m for i, m in enumerate(one) if mask >> i & 1]
        fired, fires = any(m.told for m in some), any(m.fires for m in some)
        more = any(m.fires and not m.told for m in some)
        seen.add(Seen(fired, fires, more, any(m.told and not m.fires for m in some)))
    assert set(TABLE) == seen


def test_all_rows_come_first_and_then_the_largest_effect() -> None:
    members = [member("b", effect=2.0), member("a", effect=9.0), member("", effect=0.3)]
    still = [member("z", told=True, effect=None), member("y", told=True, effect=None)]
    settled = settle([*members, *still])
    assert [one.segment for one in settled.changed] == ["", "a", "b"]
    assert [one.segment for one in settled.others] == ["y", "z"]


def test_a_message_names_the_worst_and_counts_the_rest() -> None:
    long = ("f" * 1_000,) * 7
    joined = [member(f"o={i:02}", effect=float(i), worst=long) for i in range(40)]
    data = group_data(settle([*joined, member("", told=True, effect=None)]))
    assert data["segment"] == "o=39"
    assert data["group"] == {"reason": "joined", "firing": 41, "changed": 40, "recovered": 0}
    assert [one["segment"] for one in data["members"]] == [f"o={39 - i}" for i in range(10)]
    assert (len(data["members"]), data["members_left_out"]) == (MOST_MEMBERS, 31)
    assert data["members"][0]["features_left_out"] == 4
    assert len(json.dumps(data["members"])) < 16_000, "however long names are"
    about = "version=v&segment=o%3D39&monitor=default"
    assert data["links"] == {
        "page": f"/models/m?{about}&window=2026-03-02T00%3A00%3A00Z",
        "api": f"/v1/models/m/windows/2026-03-02T00:00:00Z?{about}",
    }


def test_the_end_names_those_that_recovered() -> None:
    members = [member(s, CALM, told=True) for s in ("", "a")]
    data = group_data(settle([*members, member("b", CALM)]))
    assert [(one["segment"], one["state"]) for one in data["members"]] == [
        ("", "resolved"), ("a", "resolved"),
    ]  # fmt: skip
    assert data["group"] == {"reason": "all_recovered", "firing": 0, "changed": 2, "recovered": 2}


@dataclass
class Simulated:
    """Alerts of all rows and segments over looks in any order, and what is told of them."""

    monitor: Monitor
    looks: dict[str, dict[int, Look]] = field(default_factory=dict)
    told: dict[str, bool] = field(default_factory=dict)
    messages: list[tuple[int, Change]] = field(default_factory=list)

    def judge(self, segment: str, hour: int, page: bool | None) -> None:
        """Judge a window for the first time, or anew."""
        mine = self.looks.setdefault(segment, {})
        mine[hour] = Look(START + hour * HOUR, 1, page)

    def state(self, segment: str) -> AlertState:
        looks = self.looks[segment]
        return replay(None, [looks[hour] for hour in sorted(looks)], self.monitor)[-1].state

    def settle(self, turn: int) -> None:
        members = [
            member(segment, self.state(segment), told=self.told.get(segment, False))
            for segment in self.looks
        ]
        change = settle(members).outcome.change
        self.told = {one.segment: one.fires for one in members}
        if change is not None:
            self.messages.append((turn, change))


TURNS = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.dictionaries(st.sampled_from(["", "a", "b", "c"]), st.sampled_from([True, False, None])),
    ),
    max_size=40,
)
"""Looks: of which hour (late ones restate), and what is found of which segment."""


@given(TURNS, st.integers(1, 3), st.integers(1, 3))
def test_one_message_a_look_and_an_end_for_all_that_fired(
    turns: list[tuple[int, Mapping[str, bool | None]]], fire: int, resolve: int
) -> None:
    """Flapping segments, late rows, windows that could not be judged."""
    asked = Monitor("default", 1, HOUR, fire_after=fire, resolve_after=resolve)
    made = Simulated(asked)
    for turn, (hour, found) in enumerate(turns):
        for segment, page in found.items():
            made.judge(segment, hour, page)
        made.settle(turn)
        firing = {segment for segment in made.looks if made.state(segment) is FIRES}
        last = made.messages[-1][1] if made.messages else Change.RESOLVED
        assert (last is Change.FIRING) is bool(firing), "the world knows whether it fires"
    assert len({turn for turn, _ in made.messages}) == len(made.messages)
    first = [change for _, change in made.messages[:1]]
    assert first in ([], [Change.FIRING]), "an end is told of what was told before"


@given(TURNS, st.data())
def test_in_whatever_order_the_windows_of_a_look_are_judged(
    turns: list[tuple[int, Mapping[str, bool | None]]], data: st.DataObject
) -> None:
    asked = Monitor("default", 1, HOUR)
    one, other = Simulated(asked), Simulated(asked)
    for turn, (hour, found) in enumerate(turns):
        order = data.draw(st.permutations(sorted(found)))
        for made, segments in ((one, sorted(found)), (other, order)):
            for segment in segments:
                made.judge(segment, hour, found[segment])
            made.settle(turn)
    assert one.messages == other.messages


def test_what_is_taken_back_before_it_is_told_is_no_message() -> None:
    seen = member("a")
    assert settle([seen]).outcome.change is Change.FIRING
    assert settle([replace(seen, state=CALM)]).outcome.change is None
    assert settle([replace(seen, told=True, state=CALM)]).outcome.change is Change.RESOLVED
