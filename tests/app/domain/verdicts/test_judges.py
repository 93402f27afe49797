"""Baselines that are kept ready answer as new ones do, and take no more room than they may."""

from dataclasses import replace
from datetime import timedelta

from app.domain.monitors.monitor import default_monitor
from app.domain.verdicts.judges import Judges, ready
from app.domain.verdicts.judging import judge_window
from tests.app.domain.verdicts.test_judging import GRIDS, MONITOR, STORED, baseline, window


def test_a_baseline_is_made_ready_once() -> None:
    judges = Judges()
    first = judges.ready(baseline(), STORED, MONITOR)
    assert judges.ready(baseline(), STORED, MONITOR) is first


def test_another_baseline_grid_set_or_monitor_is_another() -> None:
    judges = Judges()
    first = judges.ready(baseline(), STORED, MONITOR)
    daily = default_monitor(timedelta(days=1))
    others = [
        judges.ready(baseline(2), STORED, MONITOR),
        judges.ready(replace(baseline(), fingerprint="e" * 64), STORED, MONITOR),
        judges.ready(baseline(), replace(STORED, id=2), MONITOR),
        judges.ready(baseline(), STORED, daily),
    ]
    assert first not in others
    assert others[-1].policy.page_level != first.policy.page_level


def test_those_not_used_for_longest_give_way() -> None:
    judges = Judges(room=2 * GRIDS.size)
    first, second = (judges.ready(baseline(number), STORED, MONITOR) for number in (1, 2))
    assert judges.ready(baseline(1), STORED, MONITOR) is first
    judges.ready(baseline(3), STORED, MONITOR)
    assert judges.ready(baseline(1), STORED, MONITOR) is first
    assert judges.ready(baseline(2), STORED, MONITOR) is not second


def test_what_has_no_room_is_not_kept() -> None:
    judges = Judges(room=GRIDS.size - 1)
    first = judges.ready(baseline(), STORED, MONITOR)
    assert judges.ready(baseline(), STORED, MONITOR) is not first


def test_the_verdict_is_the_same() -> None:
    judges = Judges()
    for shift in (0.0, 0.3, 1.0):
        asked = window(shift), baseline(), STORED, MONITOR
        kept, new = judge_window(*asked, judges.ready), judge_window(*asked, ready)
        assert (kept.state, kept.page) == (new.state, new.page)
        assert [each.p_value for each in kept.features.values()] == [
            each.p_value for each in new.features.values()
        ]
