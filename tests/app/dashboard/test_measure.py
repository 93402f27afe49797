"""What is drawn follows what a monitor judges: sizes of drift, or shares of odd rows."""

from datetime import UTC, datetime, timedelta

from app.dashboard.charts.timeline import timeline
from app.dashboard.measure import PSI, SHARES, measure_of
from app.domain.monitors.criteria import Criteria, Limit
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.telling.reports import FeaturePoint, StoredEstimate, StoredVerdict
from drift_core import Thresholds

AT = datetime(2024, 1, 1, tzinfo=UTC)


def estimate(statistic: str, effect: float) -> StoredEstimate:
    return StoredEstimate(statistic, effect, effect, effect, 0.0, effect, 0.5, 0.01, 9, 9, None)


def point(*estimates: StoredEstimate) -> FeaturePoint:
    said = StoredVerdict("x", "drift", False, False, None, 0.0, 0.0, ("missing",), estimates)
    return FeaturePoint(AT, AT + timedelta(hours=1), 1, 9, said)


def test_drift_is_drawn_as_psi_with_thresholds_of_its_own() -> None:
    own = Criteria(overrides=(("x", (Limit("psi", None, 0.5),)),))
    monitor = Monitor("m", 1, criteria=own)
    assert measure_of(monitor) is PSI
    assert PSI.limits(monitor, "x").drift == 0.5
    assert PSI.limits(monitor) == PSI.limits(monitor, "y") != PSI.limits(monitor, "x")


def test_quality_is_drawn_as_the_largest_share_of_odd_rows() -> None:
    quality = Monitor("quality", 1, kind=MonitorKind.DATA_QUALITY)
    assert measure_of(quality) is SHARES
    several = point(estimate("missing", 0.02), estimate("above_range", 0.31))
    found = timeline([several], SHARES.limits(quality), SHARES)
    assert found is not None
    assert found.told == "share over 1 windows, last 0.31, highest 0.31, drift in 1"
    assert [rule.label for rule in found.rules] == ["drift 0.01"]
    assert timeline([several], Thresholds(0.1, 0.2), PSI) is None
