"""Policy: the numbers that a verdict is made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from drift_core.errors import DriftCoreError
from drift_core.stats import STATISTICS
from drift_core.types import Kind


class Thresholds(NamedTuple):
    """Sizes of an effect: from `warning` on it is worth a word, from `drift` on it matters."""

    warning: float | None
    drift: float | None


_STATISTICS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {"numeric": ("psi", "ks", "anderson_darling"), "categorical": ("psi", "chi2")}
)
_EVIDENCE: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {"numeric": ("bins", "anderson_darling"), "categorical": ("bins",)}
)
_THRESHOLDS = MappingProxyType(
    {"psi": Thresholds(0.1, 0.2), "ks": Thresholds(None, 0.1), "chi2": Thresholds(None, 0.1)}
)


_BINS = ("bins",)


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
        Which pieces of evidence are combined to a feature's one p-value, by kind: ``bins``, or a
        statistic that brings a p-value of its own; a kind not named here has its bins. What is
        named is evidence whether or not it is among `statistics`, and nothing else is.
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
    evidence: Mapping[Kind, tuple[str, ...]] = field(default_factory=lambda: _EVIDENCE)
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
        for kind, pieces in self.evidence.items():
            if not pieces or not all(_is_evidence(name, kind) for name in pieces):
                raise DriftCoreError(f"{list(pieces)} are no evidence on {kind} columns")

    def evidence_of(self, kind: Kind) -> tuple[str, ...]:
        """Return the pieces of evidence on columns of one kind; never none."""
        return self.evidence.get(kind, _BINS)

    def thresholds_of(self, name: str) -> Thresholds:
        """Return the effect sizes that matter for the statistic `name`."""
        if name in self.thresholds:
            return Thresholds(*self.thresholds[name])
        return Thresholds(STATISTICS[name].warning, STATISTICS[name].drift)


def _is_evidence(name: str, kind: Kind) -> bool:
    if name == "bins":
        return True
    own = STATISTICS.get(name)
    return own is not None and own.evidence == name and kind in own.kinds
