"""Verdicts as values: of one feature, and of a window."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from drift_core.stats import Estimate


class State(StrEnum):
    """What can be said of a feature or a window."""

    OK = "ok"
    DRIFT = "drift"
    INSUFFICIENT_DATA = "insufficient_data"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class FeatureVerdict:
    """One feature's verdict and what it rests on.

    Attributes
    ----------
    state
        ``drift`` needs evidence *and* an effect that matters.
    warning
        An ``ok`` with evidence for an effect that is worth a word.
    page
        A ``drift`` whose evidence also survives at the policy's page level.
    reason
        Why there is no judgement: ``grid``, ``no_reference_rows``, ``few_rows: ...``,
        ``small_reference: ...``, ``grid_mismatch``, ``no_counts``; otherwise `None`.
    p_value, p_adjusted
        The feature's one p-value, and the same after Benjamini-Hochberg over the window.
    rules
        Which effects matter: names of statistics, and ``bin:3`` for a bin that moved alone.
    estimates
        By statistic.
    """

    state: State
    warning: bool
    page: bool
    reason: str | None
    p_value: float | None
    p_adjusted: float | None
    rules: tuple[str, ...]
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class WindowVerdict:
    """A window's verdict.

    Any feature that drifted makes it ``drift``. It is ``ok`` only where every feature was judged
    that the reference allows to judge: one that was not might have drifted.
    """

    state: State
    warning: bool
    page: bool
    reason: str | None
    features: Mapping[str, FeatureVerdict]
