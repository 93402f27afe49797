"""Every Prometheus series, rendered from what is stored: all replicas say the same.

Values of a gauge belong to the last judged window of a version. Versions that are retired or
deleted disappear, because nothing is kept between two renderings. What only one replica knows, the
requests that it answered, is told apart from that.
"""

from app.metrics.exposition import Exposition
from app.metrics.requests import Requests
from app.metrics.series import Series

__all__ = ["Exposition", "Requests", "Series"]
