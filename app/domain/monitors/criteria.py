"""What a monitor asks of features: which statistics, how large an effect, and of how many."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.outputs.figure import LIMITS as FIGURES
from app.domain.verdicts.quality_shares import LIMITS
from drift_core import STATISTICS, Kind, Policy, Thresholds

KINDS: tuple[Kind, ...] = ("numeric", "categorical")


class RuleKind(StrEnum):
    """When drifted features make a window's verdict."""

    ANY = "any"
    SHARE = "share"
    WEIGHTED_SHARE = "weighted_share"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which features must drift for a window to be ``drift``; any of them by default."""

    kind: RuleKind = RuleKind.ANY
    share: float | None = None
    """Of the features judged, or of their weight, from which on it is drift."""
    features: tuple[str, ...] = ()
    """Those that are asked about by name."""
    weights: tuple[tuple[str, float], ...] = ()
    """Importance of features; one that is not named weighs nothing. None given: all alike."""

    def weight(self, feature: str) -> float:
        """Return how much a feature counts."""
        return dict(self.weights).get(feature, 0.0) if self.weights else 1.0


@dataclass(frozen=True, slots=True)
class Limit:
    """Effect of one statistic: from ``warning`` on worth a word, from ``drift`` on it matters."""

    statistic: str
    warning: float | None
    drift: float | None


@dataclass(frozen=True, slots=True)
class Criteria:
    """How sure and how large a change of a feature must be."""

    level: float = 0.05
    """Rate of false discoveries among the features of a window."""
    min_rows: int | None = None
    """Least rows of a window; None: as many as its statistics need."""
    numeric: tuple[str, ...] | None = None
    """Statistics of numeric columns; None: the usual ones."""
    categorical: tuple[str, ...] | None = None
    limits: tuple[Limit, ...] = ()
    """Those that differ from a statistic's own."""
    overrides: tuple[tuple[str, tuple[Limit, ...]], ...] = ()
    """Limits of single features, which count before all others."""

    def limits_of(self, feature: str) -> tuple[Limit, ...]:
        """Return the limits that were set for one feature."""
        return dict(self.overrides).get(feature, ())

    def thresholds(self, feature: str, statistic: str) -> Thresholds:
        """Return the effects of a statistic from which on a feature warns, and drifts."""
        own = self._limit(feature, statistic)
        if own is None:
            return USUAL.thresholds_of(statistic)
        return Thresholds(own.warning, own.drift)

    def threshold(self, feature: str, statistic: str) -> float | None:
        """Return the effect of a statistic, or of a finding, that matters; None where none does."""
        own = self._limit(feature, statistic)
        if own is not None or statistic in STATISTICS:
            return self.thresholds(feature, statistic).drift
        return FIGURES[statistic][1] if statistic in FIGURES else LIMITS.get(statistic)

    def _limit(self, feature: str, statistic: str) -> Limit | None:
        every = (*self.limits_of(feature), *self.limits)
        return next((one for one in every if one.statistic == statistic), None)


USUAL = Policy()
"""What the core asks where nothing else is declared."""
USUAL_CRITERIA = Criteria()
USUAL_RULE = Rule()


def policy_of(criteria: Criteria, page_level: float | None) -> Policy:
    """Return the core's policy; limits of single features are held against its answer later."""
    declared = {"numeric": criteria.numeric, "categorical": criteria.categorical}
    return Policy(
        level=criteria.level,
        page_level=page_level,
        statistics={
            kind: USUAL.statistics[kind] if names is None else names
            for kind, names in zip(KINDS, (declared[kind] for kind in KINDS), strict=True)
        },
        thresholds={
            **USUAL.thresholds,
            **{one.statistic: Thresholds(one.warning, one.drift) for one in criteria.limits},
        },
        min_rows=criteria.min_rows,
    )
