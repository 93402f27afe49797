"""Of what monitors say the worst stands for a model, and who is silent speaks for nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.monitors.monitor import Severity
from app.domain.telling.overview import Judged
from app.domain.telling.worst import worst, worst_of_version

AT = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(
    state: str | None,
    monitor: str = "default",
    *,
    warning: bool = False,
    severity: Severity = Severity.P2,
    hour: int = 0,
) -> Judged:
    start = AT + hour * HOUR
    return Judged(start, start + HOUR, 9, state, warning, monitor=monitor, severity=severity)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (said("drift"), said("error")),
        (said("drift", warning=True), said("drift", severity=Severity.P3)),
        (said("error"), said("ok", warning=True)),
        (said("ok", warning=True), said("insufficient_data", warning=True)),
        (said("insufficient_data"), said("ok")),
        (said("ok"), said(None, "a")),
        (said("drift", "z", severity=Severity.P1), said("drift")),
        (said("drift"), said("drift", "a")),
        (said("drift", "a"), said("drift", "b")),
    ],
)
def test_the_worst_is_found_in_any_order(worse: Judged, better: Judged) -> None:
    assert worst([worse, better]) is worse
    assert worst([better, worse]) is worse


def test_of_equals_the_one_that_is_shown_speaks() -> None:
    shown, graver = said("drift", "b", severity=Severity.P3), said("drift", "a")
    assert worst([graver, shown], "b") is shown
    assert worst([said("ok", "b"), graver], "b") is graver
    assert worst([]) is None


def test_a_champion_that_was_judged_is_what_people_ask_about() -> None:
    old, new = said("drift", hour=1), said("ok", hour=2)
    assert worst_of_version({"v1": [old], "v2": [new]}, "v1") == ("v1", old)
    assert worst_of_version({"v1": [old], "v2": [new]}, "v3") == ("v2", new)
    assert worst_of_version({"v1": [old], "v2": []}, "v2") == ("v1", old)
    assert worst_of_version({}, "v1") == ("v1", None)
    assert worst_of_version({}, None) == (None, None)
