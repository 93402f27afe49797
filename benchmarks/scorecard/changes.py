"""What can happen to a column after its reference was taken."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from drift_core.types import FloatArray


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the law; the default is none.

    Attributes
    ----------
    shift, scale
        Of the column's normal score, in its own standard deviations; a column with few values
        moves as if each stood for a range of scores.
    pile
        A share of rows that comes to lie in the lowest hundredth.
    missing
        The new share of missing rows.
    masses
        New shares of the column's parts among present rows.
    """

    name: str = "none"
    shift: float = 0.0
    scale: float = 1.0
    pile: float = 0.0
    missing: float | None = None
    masses: tuple[float, ...] | None = None


NONE = Change()


def warp(u: FloatArray, change: Change, shift: FloatArray | float = 0.0) -> FloatArray:
    """Return the new share of rows below what was the u-quantile.

    `shift` comes on top of the change's own and broadcasts against `u`.
    """
    moved = shift + change.shift
    score = (ndtri(np.clip(u, 0.0, 1.0)) - moved) / change.scale
    below: FloatArray = ndtr(score)
    return (1 - change.pile) * below + change.pile * np.minimum(below * 100, 1.0)
