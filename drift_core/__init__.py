"""The mathematics of drift: columns become counts, counts become verdicts. Nothing else."""

from drift_core.columns.coded import Coded
from drift_core.columns.levels import canonical_level
from drift_core.columns.texts import Texts, TextViews
from drift_core.columns.validity import Bitmap
from drift_core.errors import (
    BadCounts,
    BadGrid,
    BadValues,
    DriftCoreError,
    GridMismatch,
    WrongKind,
)
from drift_core.evidence.calibration import adjust_bh, minimum_rows
from drift_core.grids.bins import BinLabel, Bins
from drift_core.grids.categorical import CategoricalGrid
from drift_core.grids.counts import Counts
from drift_core.grids.grid import Grid
from drift_core.grids.gridset import GridSet
from drift_core.grids.numeric import NumericGrid
from drift_core.grids.table import Column, count_table
from drift_core.judging.compare import Comparison, compare
from drift_core.judging.judge import Judge, judge
from drift_core.judging.policy import Policy, Thresholds
from drift_core.judging.verdict import FeatureVerdict, State, WindowVerdict
from drift_core.judging.verdicts import Verdicts
from drift_core.kernels import warm_up
from drift_core.paging.budget import Budget, learned, look, look_many, sight
from drift_core.paging.watch import Found, FoundMany, Watch, fresh
from drift_core.placing.symlog import Symlog
from drift_core.references.findings import Finding, examine, examine_numbers
from drift_core.references.histogram import from_histogram
from drift_core.references.pilot import pilot_rows
from drift_core.references.reference import reference
from drift_core.references.stream import Streamed, stream_reference
from drift_core.stats import STATISTICS, Estimate, Estimates, Statistic
from drift_core.types import Kind

__all__ = [
    "STATISTICS",
    "BadCounts",
    "BadGrid",
    "BadValues",
    "BinLabel",
    "Bins",
    "Bitmap",
    "Budget",
    "CategoricalGrid",
    "Coded",
    "Column",
    "Comparison",
    "Counts",
    "DriftCoreError",
    "Estimate",
    "Estimates",
    "FeatureVerdict",
    "Finding",
    "Found",
    "FoundMany",
    "Grid",
    "GridMismatch",
    "GridSet",
    "Judge",
    "Kind",
    "NumericGrid",
    "Policy",
    "State",
    "Statistic",
    "Streamed",
    "Symlog",
    "TextViews",
    "Texts",
    "Thresholds",
    "Verdicts",
    "Watch",
    "WindowVerdict",
    "WrongKind",
    "adjust_bh",
    "canonical_level",
    "compare",
    "count_table",
    "examine",
    "examine_numbers",
    "fresh",
    "from_histogram",
    "judge",
    "learned",
    "look",
    "look_many",
    "minimum_rows",
    "pilot_rows",
    "reference",
    "sight",
    "stream_reference",
    "warm_up",
]
