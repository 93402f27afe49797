"""Why a feature is not judged: codes for arrays, and the words for people."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from drift_core.evidence.calibration import minimum_rows
from drift_core.judging.policy import Policy
from drift_core.types import FloatArray, IntArray

_PSI_DRIFT = 0.2


class Refusal(IntEnum):
    """Why there is no judgement; zero where there is one."""

    NONE = 0
    NO_REFERENCE_ROWS = 1
    SMALL_REFERENCE = 2
    FEW_ROWS = 3
    GRID = 4
    GRID_MISMATCH = 5
    NO_COUNTS = 6


HOPELESS = (Refusal.NO_REFERENCE_ROWS, Refusal.SMALL_REFERENCE)
"""No window at all could be judged, because of the reference; said when it was made."""
ERRORS = (Refusal.GRID_MISMATCH, Refusal.NO_COUNTS)
"""There was nothing to compare."""


class Demands(NamedTuple):
    """What references ask of a window's rows; shape (F,).

    Attributes
    ----------
    rows, bins
        The reference's rows, and the bins that they fill.
    needed
        Least rows of a window; -1 where the reference itself is too small for any.
    """

    rows: IntArray
    bins: IntArray
    needed: IntArray

    def refusals(self, rows: IntArray, bracket: FloatArray, policy: Policy) -> IntArray:
        """Judge whether windows, shape (W, F), can be judged; codes of `Refusal`."""
        return np.select(
            [self.rows == 0, self.needed < 0, rows < self.needed, bracket > policy.max_bracket],
            [Refusal.NO_REFERENCE_ROWS, Refusal.SMALL_REFERENCE, Refusal.FEW_ROWS, Refusal.GRID],
            Refusal.NONE,
        )

    def reason(self, refusal: Refusal, feature: int, rows: int) -> str | None:
        """Say in words why a feature of a window with so many rows is not judged."""
        if refusal is Refusal.NONE:
            return None
        if refusal is Refusal.SMALL_REFERENCE:
            held, bins = self.rows[feature], self.bins[feature]
            return f"small_reference: {held} rows cannot carry {bins} bins"
        if refusal is Refusal.FEW_ROWS:
            return f"few_rows: {rows} rows, at least {self.needed[feature]} are needed"
        return refusal.name.lower()


def demands(rows: IntArray, bins: IntArray, policy: Policy) -> Demands:
    """Work out what references of so many rows in so many filled bins, shape (F,), demand."""
    pairs = zip(rows.tolist(), bins.tolist(), strict=True)
    needed = [_needed(n_ref, filled, policy) for n_ref, filled in pairs]
    return Demands(rows, bins, np.array(needed, np.int64))


def _needed(n_ref: int, filled: int, policy: Policy) -> int:
    if policy.min_rows is not None:
        return max(policy.min_rows, 1)
    threshold = policy.thresholds_of("psi").drift
    needed = minimum_rows(threshold or _PSI_DRIFT, filled, n_ref)
    return -1 if needed is None else needed
