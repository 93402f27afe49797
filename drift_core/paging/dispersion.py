"""How much less rows say than independent ones would: learned from a model's own traffic."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from drift_core.evidence.squares import Law
from drift_core.paging.echo import echo, products
from drift_core.types import AnyArray, FloatArray, IntArray, Json

_LEAST_WINDOWS = 4
_TOGETHER = 128


@dataclass(frozen=True, slots=True, eq=False)
class Dispersion:
    """What windows of one length differ by when nothing is wrong; each part has shape (features,).

    Attributes
    ----------
    phi
        Design effect (Rao and Scott 1984): the variance of the bins' shares as a multiple of
        what independent rows have, averaged over the directions a table can move in; at least 1.
    law
        Along which directions they differ: the largest one's share of all variance, and twice
        the squared shares added up. A mean that wanders moves all bins along one direction,
        repeated rows along B - 1 alike.
    freedom
        How many independent windows, less one, all this rests on: fewer than were seen where
        each resembles the one before.
    rows
        Rows of a window while learning, on average.
    """

    phi: FloatArray
    law: Law
    freedom: FloatArray
    rows: FloatArray

    def growing(self, rows: IntArray) -> FloatArray:
        """Design effect in windows of other sizes: shape (..., features) to the same.

        In larger ones what exceeds independent rows grows with them, as the part of a wandering
        mean does; in smaller ones it is taken to stay, as that of repeated rows does.
        """
        more = np.maximum(1.0, rows / np.maximum(self.rows, 1.0))
        return np.asarray(1 + (self.phi - 1) * more)

    def to_json(self) -> Json:
        """Return plain lists; a feature that nothing was learned of has null for its phi."""
        return {
            "phi": [float(phi) if np.isfinite(phi) else None for phi in self.phi],
            "lead": self.law.lead.tolist(),
            "variance": self.law.variance.tolist(),
            "freedom": self.freedom.tolist(),
            "rows": self.rows.tolist(),
        }

    @classmethod
    def from_json(cls, found: Json) -> Self:
        """Take what `to_json` gave."""
        phi = np.array([np.inf if phi is None else phi for phi in found["phi"]], np.float64)
        law = Law(_numbers(found["lead"]), _numbers(found["variance"]))
        return cls(phi, law, _numbers(found["freedom"]), _numbers(found["rows"]))


def _numbers(values: list[float]) -> FloatArray:
    return np.array(values, np.float64)


def disperse(windows: IntArray) -> Dispersion:
    """Learn from disjoint windows of one length, in the order of time.

    With ``u = (c/m - q) / sqrt(q/m)`` of each window's counts c over m rows, q the shares of the
    whole period, and V the mean of ``u u'``, the design effect is ``tr V / (B - 1)`` and the
    directions' shares are V's eigenvalues over ``tr V``. Since the period's own mean follows the
    windows where they resemble each other, V is raised by the share of it that the mean took.

    Parameters
    ----------
    windows
        Shape (W, features, B). A window without rows of a feature takes no part in it.
    """
    parts = [
        _disperse(windows[:, start : start + _TOGETHER])
        for start in range(0, windows.shape[1], _TOGETHER)
    ]
    phi, lead, variance, freedom, rows = (np.concatenate(many) for many in zip(*parts, strict=True))
    return Dispersion(phi, Law(lead, variance), freedom, rows)


def _disperse(windows: IntArray) -> tuple[AnyArray, ...]:
    scores, seen = _scores(windows)
    bins = np.maximum((windows.sum(0) > 0).sum(-1), 2)
    spread = products(scores, 0) / np.maximum(seen - 1, 1.0)[:, None, None]
    trace = np.trace(spread, axis1=-2, axis2=-1)
    total = np.where(trace > 0, trace, 1.0)
    lead = np.where(trace > 0, np.linalg.eigvalsh(spread)[..., -1] / total, 1.0)
    many = echo(scores, seen, spread)
    # the mean of windows that resemble each other takes a share of their variance along
    kept = np.clip(1 - many.mean / np.maximum(seen, 1.0), 0.25, 1.0)
    phi = np.maximum(trace / kept / (bins - 1), 1.0)
    return (
        np.where(seen >= _LEAST_WINDOWS, phi, np.inf),
        np.clip(lead, 1 / (bins - 1), 1.0),
        np.where(trace > 0, 2 * (spread**2).sum((-2, -1)) / total**2, 2.0),
        np.maximum(seen / many.spread - 1, 1.0),
        windows.sum((0, -1)) / np.maximum(seen, 1.0),
    )


def _scores(windows: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return u, shape (features, B, W), and how many windows have rows, shape (features,)."""
    rows = windows.sum(-1, keepdims=True)
    total = windows.sum(0)
    share = total / np.maximum(total.sum(-1, keepdims=True), 1)
    off = windows / np.maximum(rows, 1) - share
    scores = np.where(share > 0, off / np.sqrt(np.where(share > 0, share, 1.0)), 0.0)
    scores *= np.sqrt(rows)
    seen = np.count_nonzero(rows[..., 0], axis=0).astype(np.float64)
    return np.ascontiguousarray(scores.transpose(1, 2, 0)), seen
