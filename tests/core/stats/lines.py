"""Axes for counts made up by hypothesis: sorted cells, some of them single values."""

import numpy as np

from drift_core.stats import Axis


def axis_of(point, steps=None):
    """Cells side by side: a single value takes no room, an open cell takes its step."""
    point = np.asarray(point, bool)
    steps = np.ones(point.shape) if steps is None else np.asarray(steps, float)
    upper = np.where(point, 0.0, steps).cumsum(-1)
    return Axis(point, upper - np.where(point, 0.0, steps), upper)


def inserted(axis, places):
    """The same line with cells that nothing falls into, and that take no room."""
    at = np.where(places < axis.point.size, places, 0)
    room = np.where(places < axis.point.size, axis.lower[at], axis.upper[-1])
    lower, upper = (np.insert(limit, places, room) for limit in (axis.lower, axis.upper))
    return Axis(np.insert(axis.point, places, False), lower, upper)
