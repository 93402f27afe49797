"""What is told of an alert that ends from outside: its last window, as that was judged. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.alerts.alert import AlertKey, Change
from app.domain.alerts.event import rfc3339
from app.domain.monitors.monitor import Severity
from app.domain.telling.reports import StoredEstimate, StoredVerdict, WindowReport
from app.domain.verdicts.judgement import REFERENCE
from app.domain.verdicts.judging import WORST, feature_data
from drift_core import State


@dataclass(frozen=True, slots=True)
class Ended:
    """An alert that no window ended."""

    model: str
    key: AlertKey
    """With the start of the window that was looked at last, if windows are looked at."""
    severity: Severity
    reason: str
    since: datetime
    """When it ended: the start of that window, or else the moment."""

    def data(self) -> dict[str, Any]:
        """Return the ``data`` of its event, as far as no window is asked."""
        return {
            "model": self.model,
            "version": self.key.version,
            "segment": self.key.segment,
            "monitor": self.key.monitor,
            "severity": self.severity.value,
            "state": Change.RESOLVED.value,
            "reason": self.reason,
            "since": rfc3339(self.since),
            "features": [],
            "features_left_out": 0,
        }


def window_data(
    ended: Ended, report: WindowReport | None, fingerprint: str | None, about: Sequence[str]
) -> dict[str, Any]:
    """Return the same with all that is known of the alert's last window.

    Parameters
    ----------
    ended
        The alert.
    report
        What its monitor said of that window last; None where it is not kept any more.
    fingerprint
        Of the baseline that it was held against.
    about
        The features that the alert is about, the worst first.
    """
    if report is None:
        window = {"start": rfc3339(ended.key.start)}
        return ended.data() | {"window": window, "baseline": None, "verdict": None, "also": {}}
    line = report.summary
    said = {one.feature: one for one in report.features}
    names = [name for name in about if name in said]
    return ended.data() | {
        "window": {
            "start": rfc3339(line.key.start),
            "end": rfc3339(line.end),
            "revision": line.revision,
            "rows": line.rows,
            "expected_rows": line.expected,
        },
        "baseline": {"id": line.baseline, "fingerprint": fingerprint},
        "verdict": {"state": line.state, "reason": line.reason, "id": line.verdict},
        "also": {
            one.comparison: one.state for one in report.comparisons if one.comparison != REFERENCE
        },
        "features": [_feature(said[name]) for name in names[:WORST]],
        "features_left_out": max(0, len(names) - WORST),
    }


def _feature(stored: StoredVerdict) -> dict[str, Any]:
    thresholds = {one.statistic: one.threshold for one in stored.estimates}
    return feature_data(stored.feature, _said(stored), thresholds)


@dataclass(frozen=True, slots=True)
class _Said:
    """A stored verdict in the form in which features are told."""

    state: State
    reason: str | None
    p_adjusted: float | None
    rules: tuple[str, ...]
    estimates: Mapping[str, StoredEstimate]


def _said(stored: StoredVerdict) -> _Said:
    estimates = {one.statistic: one for one in stored.estimates}
    state = State(stored.state)
    return _Said(state, stored.reason, stored.p_adjusted, stored.rules, estimates)
