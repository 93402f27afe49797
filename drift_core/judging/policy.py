"""Policy: the numbers that a verdict is made with."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from drift_core.errors import DriftCoreError
from drift_core.judging.pieces import is_evidence
from drift_core.stats import STATISTICS
from drift_core.types import Kind


class Thresholds(NamedTuple):
    """Sizes of an effect: from `warning` on it is worth a word, from `drift` on it matters."""

    warning: float | None
    drift: float | None


_STATISTICS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {"numeric": ("psi", "ks", "anderson_darling"), "categorical": ("psi", "chi2")}
)
Weights = Mapping[str, float]
_EVIDENCE: Mapping[Kind, Weights] = MappingProxyType(
    {
        "numeric": {
            "level": 7.0,
            "anderson_darling": 2.0,
            "values": 1.0,
            "spread": 0.4,
            "largest": 4.0,
            "aside": 6.0,
        },
        "categorical": {"values": 2.0, "aside": 1.0},
    }
)
_THRESHOLDS = MappingProxyType(
    {"psi": Thresholds(0.1, 0.2), "ks": Thresholds(None, 0.1), "chi2": Thresholds(None, 0.1)}
)

_BINS: Weights = MappingProxyType({"bins": 1.0})


@dataclass(frozen=True, slots=True)
class Policy:
    """How sure and how large a change must be.

    Attributes
    ----------
    level
        Rate of false discoveries among the features of a window (Benjamini-Hochberg).
    page_level
        The same, for the decision to page; `None`: nothing pages.
    statistics
        Which statistics are computed for which kind of column; a kind without any is judged by
        its evidence, and by single bins.
    evidence
        Which pieces of evidence are combined to a feature's one p-value, by kind, and with which
        weights; names without weights count alike. A piece is ``bins``; ``aside``, each bin of
        what is missing, invalid, rare or unseen against all others, and ``values``, those others
        among themselves; for numbers ``level``, ``spread`` and ``largest`` (the share of a value
        that most rows have); or a statistic that brings a p-value of its own. A kind not named
        here has its bins. What is named is evidence whether or not it is among `statistics`, and
        nothing else is.
    thresholds
        Effect sizes by statistic; one not named here has its declared default.
    gate_points, gate_factor, gate_level
        A single bin matters when its share moved by `gate_points` *and* by `gate_factor`, and
        its own two-sided p-value is at most `gate_level` divided by the number of bins.
    min_rows
        Least rows of a window for a verdict; `None`: as many as `minimum_rows` asks for.
    max_bracket
        Widest gap between the bounds of a statistic that is still judged, among those that lie
        between 0 and 1.
    """

    level: float = 0.05
    page_level: float | None = None
    statistics: Mapping[Kind, tuple[str, ...]] = field(default_factory=lambda: _STATISTICS)
    evidence: Mapping[Kind, Weights | Sequence[str]] = field(default_factory=lambda: _EVIDENCE)
    thresholds: Mapping[str, tuple[float | None, float | None]] = field(
        default_factory=lambda: _THRESHOLDS
    )
    gate_points: float = 0.01
    gate_factor: float = 2.0
    gate_level: float = 0.001
    min_rows: int | None = None
    max_bracket: float = 0.05

    def __post_init__(self) -> None:
        for level in (self.level, self.page_level, self.gate_level):
            if level is not None and not 0 < level < 1:
                raise DriftCoreError(f"a level of {level} is not between 0 and 1")
        unknown = {name for names in self.statistics.values() for name in names} - set(STATISTICS)
        if unknown:
            raise DriftCoreError(f"unknown statistics {sorted(unknown)}: {sorted(STATISTICS)}")
        for kind, names in self.statistics.items():
            if strange := [name for name in names if kind not in STATISTICS[name].kinds]:
                raise DriftCoreError(f"{strange} do not judge {kind} columns")
        for kind in self.evidence:
            pieces = self.evidence_of(kind)
            if not pieces or not all(is_evidence(name, kind) for name in pieces):
                raise DriftCoreError(f"{list(pieces)} are no evidence on {kind} columns")
            if not all(0 < weight < math.inf for weight in pieces.values()):
                raise DriftCoreError(f"the weights {dict(pieces)} are not all above zero")

    def evidence_of(self, kind: Kind) -> Weights:
        """Return the pieces of evidence on columns of one kind, and their weights; never none."""
        pieces = self.evidence.get(kind, _BINS)
        return pieces if isinstance(pieces, Mapping) else dict.fromkeys(pieces, 1.0)

    def thresholds_of(self, name: str) -> Thresholds:
        """Return the effect sizes that matter for the statistic `name`."""
        if name in self.thresholds:
            return Thresholds(*self.thresholds[name])
        return Thresholds(STATISTICS[name].warning, STATISTICS[name].drift)
