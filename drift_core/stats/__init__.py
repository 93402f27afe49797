"""The statistics, found by being there: one file each in this folder, no list to edit."""

import importlib
import pkgutil
from collections.abc import Mapping

from drift_core.stats._spec import Axis, Estimate, Estimates, Statistic, axis_of, collect

STATISTICS: Mapping[str, Statistic] = collect(
    {
        module.name: importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    }
)
"""Every statistic by name."""

__all__ = ["STATISTICS", "Axis", "Estimate", "Estimates", "Statistic", "axis_of"]
