"""How much less rows say than independent ones would: learned from a model's own traffic."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from drift_core.calibration import LEAST_P, williams_g
from drift_core.squares import Law, tail_of
from drift_core.types import FloatArray, IntArray

_LAGS = 4
_NODES = 32
_CROWDING = 6
_MOST_FOLLOWED = 0.97
_LEAST_WINDOWS = 4


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
        """Design effect in windows of other sizes, shape (features,).

        In larger ones what exceeds independent rows grows with them, as the part of a wandering
        mean does; in smaller ones it is taken to stay, as that of repeated rows does.
        """
        more = np.maximum(1.0, rows / np.maximum(self.rows, 1.0))
        return np.asarray(1 + (self.phi - 1) * more)


def disperse(windows: IntArray) -> Dispersion:
    """Learn from disjoint windows of one length, in the order of time.

    With ``u = (c/m - q) / sqrt(q/m)`` of each window's counts c over m rows, q the shares of the
    whole period, and V the mean of ``u u'``, the design effect is ``tr V / (B - 1)`` and the
    directions' shares are V's eigenvalues over ``tr V``. With V_k the mean of ``u u'`` at a
    distance of k windows, W windows are worth ``W / (1 + 2 sum tr(V_k V_k') / tr(V^2))``
    independent ones (Bayley and Hammersley 1946), after what chance alone adds to V_k is taken
    off; and since the
    period's own mean follows the windows, V is raised by the share of it that the mean took.

    Parameters
    ----------
    windows
        Shape (W, features, B). A window without rows of a feature takes no part in it.
    """
    scores, counted = _scores(windows)
    seen = np.maximum(counted.sum(0), 1.0)
    bins = np.maximum((windows.sum(0) > 0).sum(-1), 2)
    spread = _products(scores, 0) / np.maximum(seen - 1, 1.0)[:, None, None]
    trace = np.trace(spread, axis1=-2, axis2=-1)
    square = (spread**2).sum((-2, -1))
    echo, pull = _echo(scores, seen, trace, square)
    total = np.where(trace > 0, trace, 1.0)
    sizes, directions = np.linalg.eigh(spread)
    lead = np.where(trace > 0, sizes[..., -1] / total, 1.0)
    following = _followed(np.einsum("wfi,fi->wf", scores, directions[..., -1]))
    echo, pull = _at_least_following(echo, pull, following, seen)
    law = Law(np.clip(lead, 1 / (bins - 1), 1.0), np.where(trace > 0, 2 * square / total**2, 2.0))
    # the mean of windows that resemble each other takes a share of their variance along
    kept = np.clip(1 - pull / seen, 0.25, 1.0)
    enough = seen >= _LEAST_WINDOWS
    return Dispersion(
        phi=np.where(enough, np.maximum(trace / kept / (bins - 1), 1.0), np.inf),
        law=law,
        freedom=np.maximum(seen / echo - 1, 1.0),
        rows=windows.sum((0, -1)) / seen,
    )


def dispersed_p_value(
    ref: IntArray, cur: IntArray, seen: Dispersion, past: Dispersion
) -> FloatArray:
    """p-value of "nothing but what such traffic does by itself", over bins chosen beforehand.

    Parameters
    ----------
    ref, cur
        Shape (features, B).
    seen
        Learned from windows as long as the current one.
    past
        Learned from the longest windows there are; its design effect is taken for the
        reference's own.

    Returns
    -------
    Shape (features,): G with Williams' correction over its design effect, against a weighted sum
    of squared normals over a chi-squared estimate of their scale.
    """
    n, m = np.maximum(ref.sum(-1), 1), np.maximum(cur.sum(-1), 1)
    g, freedom = williams_g(ref, cur)
    scaled = g * (1 / n + 1 / m) / (past.phi / n + seen.growing(m) / m) / np.maximum(freedom, 1)
    p = ratio_tail(scaled, seen.law, np.minimum(seen.freedom, past.freedom))
    return np.where(freedom > 0, p, 1.0)


def ratio_tail(scaled: FloatArray, law: Law, freedom: FloatArray) -> FloatArray:
    """Tail of a weighted sum of squared normals over an estimate of its scale.

    The estimate is chi-squared over its degrees of freedom, which are `freedom` where one
    direction holds all variance and more where several are averaged: ``freedom / lead``. With a
    single direction this is the F law with 1 and `freedom`.
    """
    at, weight = np.polynomial.legendre.leggauss(_NODES)
    # far tails come from scales that were found far too small: nodes crowd towards zero
    place = ((at + 1) / 2) ** _CROWDING
    weight = weight / 2 * _CROWDING * ((at + 1) / 2) ** (_CROWDING - 1)
    degrees = (freedom / law.lead)[..., None]
    scale = gammaincinv(degrees / 2, place) * 2 / degrees
    wide = Law(law.lead[..., None], law.variance[..., None])
    tails = tail_of(wide, scaled[..., None] * scale)
    return np.asarray(np.clip((tails * weight).sum(-1), LEAST_P, 1.0))


def _scores(windows: IntArray) -> tuple[FloatArray, FloatArray]:
    rows = windows.sum(-1, keepdims=True)
    total = windows.sum(0)
    share = total / np.maximum(total.sum(-1, keepdims=True), 1)
    off = windows / np.maximum(rows, 1) - share
    scores = np.where(share > 0, off / np.sqrt(np.where(share > 0, share, 1.0)), 0.0)
    counted = (rows[..., 0] > 0).astype(np.float64)
    return scores * np.sqrt(rows), counted


def _products(scores: FloatArray, lag: int) -> FloatArray:
    later, earlier = scores[lag:], scores[: scores.shape[0] - lag]
    return np.asarray(np.einsum("wfi,wfj->fij", later, earlier, optimize=True))


def _followed(along: FloatArray) -> FloatArray:
    """How far each window follows the one before along one direction, shape (W, features).

    The lag-one correlation, after what centring on a short series takes from it is given back
    (Marriott and Pope 1954).
    """
    windows = along.shape[0]
    square = (along**2).sum(0)
    raw = (along[1:] * along[:-1]).sum(0) / np.where(square > 0, square, 1.0)
    given_back = (raw + 1 / windows) / max(1 - 3 / windows, 0.25)
    return np.asarray(np.clip(given_back, 0.0, _MOST_FOLLOWED))


def _at_least_following(
    echo: FloatArray, pull: FloatArray, following: FloatArray, seen: FloatArray
) -> tuple[FloatArray, FloatArray]:
    # what an autoregression of order one would make of them, which goes on beyond the lags seen
    square = following**2
    mean = (1 + following) / (1 - following)
    beyond = 2 * following * (1 - following**seen) / np.maximum(seen, 1) / (1 - following) ** 2
    return np.maximum(echo, (1 + square) / (1 - square)), np.maximum(pull, mean - beyond)


def _echo(
    scores: FloatArray, seen: FloatArray, trace: FloatArray, square: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How many windows make one, for the variance of V and for the variance of the mean."""
    echo, pull = np.ones_like(trace), np.ones_like(trace)
    for lag in range(1, scores.shape[0] // _LAGS):
        apart = _products(scores, lag) / np.maximum(seen - lag, 1.0)[:, None, None]
        chance = trace**2 / np.maximum(seen - lag, 1.0)
        alike = np.maximum((apart**2).sum((-2, -1)) - chance, 0.0)
        alike = np.where(square > 0, alike / np.where(square > 0, square, 1.0), 0.0)
        alike = np.minimum(alike, 1.0)
        weight = 2 * (1 - lag / np.maximum(seen, lag + 1))
        echo, pull = echo + weight * alike, pull + weight * np.sqrt(alike)
    return echo, pull
