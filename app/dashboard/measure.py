"""What the grid and the time line draw of a feature: by what its monitor judges. Pure."""

from dataclasses import dataclass

from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.verdicts.quality_shares import ABOVE, BELOW, CONSTANT, INVALID, MISSING, UNSEEN
from drift_core import Thresholds

SHARE = 0.01
"""From here on a share that grew counts as drift, but for those with a threshold of their own."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a feature in a window.

    ``statistic`` is the one whose effect it is; None: the largest of all that were judged.
    """

    statistic: str | None
    short: str
    note: str
    line: str
    columns: tuple[str, ...]
    """Statistics that tables of features show."""

    def limits(self, monitor: Monitor, feature: str = "") -> Thresholds:
        """Return a feature's thresholds; without one those of all that have none of their own."""
        if self.statistic is None:
            return Thresholds(None, SHARE)
        return monitor.criteria.thresholds(feature, self.statistic)


PSI = Measure(
    "psi",
    "PSI",
    "PSI beyond what chance alone would show",
    "PSI beyond chance, by window; the shaded band is what chance alone shows in 19 of 20 windows.",
    ("psi", "ks", "chi2"),
)
SHARES = Measure(
    None,
    "share",
    "By how much a share of odd rows (missing, wrong type, out of range, never seen, constant) "
    "exceeds the reference's; the largest of them",
    "The largest share of odd rows beyond the reference's, by window.",
    (MISSING, INVALID, BELOW, ABOVE, UNSEEN, CONSTANT),
)


def measure_of(monitor: Monitor) -> Measure:
    """Return what is drawn of a monitor's features."""
    return SHARES if monitor.kind is MonitorKind.DATA_QUALITY else PSI
