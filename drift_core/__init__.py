"""The mathematics of drift: columns become counts, counts become verdicts. Nothing else."""

from drift_core.bins import BinLabel, Bins
from drift_core.calibration import adjust_bh, minimum_rows
from drift_core.categorical import CategoricalGrid
from drift_core.coded import Coded
from drift_core.counts import Counts
from drift_core.errors import (
    BadCounts,
    BadGrid,
    BadValues,
    DriftCoreError,
    GridMismatch,
    WrongKind,
)
from drift_core.grid import Grid
from drift_core.gridset import GridSet
from drift_core.kernels import warm_up
from drift_core.levels import canonical_level
from drift_core.numeric import NumericGrid
from drift_core.pilot import pilot_rows
from drift_core.policy import Policy, Thresholds
from drift_core.reference import reference
from drift_core.stats import STATISTICS, Estimate, Estimates, Statistic
from drift_core.symlog import Symlog
from drift_core.table import Column, count_table
from drift_core.texts import Texts, TextViews
from drift_core.types import Kind
from drift_core.validity import Bitmap
from drift_core.verdict import FeatureVerdict, State, WindowVerdict, judge

__all__ = [
    "STATISTICS",
    "BadCounts",
    "BadGrid",
    "BadValues",
    "BinLabel",
    "Bins",
    "Bitmap",
    "CategoricalGrid",
    "Coded",
    "Column",
    "Counts",
    "DriftCoreError",
    "Estimate",
    "Estimates",
    "FeatureVerdict",
    "Grid",
    "GridMismatch",
    "GridSet",
    "Kind",
    "NumericGrid",
    "Policy",
    "State",
    "Statistic",
    "Symlog",
    "TextViews",
    "Texts",
    "Thresholds",
    "WindowVerdict",
    "WrongKind",
    "adjust_bh",
    "canonical_level",
    "count_table",
    "judge",
    "minimum_rows",
    "pilot_rows",
    "reference",
    "warm_up",
]
