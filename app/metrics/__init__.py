"""Every Prometheus series, rendered from what is stored: all replicas say the same.

Values of a gauge belong to the last judged window of a version. Versions that are retired or
deleted disappear, because nothing is kept between two renderings.
"""

from app.metrics.exposition import Exposition, render
from app.metrics.families import Snapshot
from app.metrics.series import COUNTERS, Series

__all__ = ["COUNTERS", "Exposition", "Series", "Snapshot", "render"]
