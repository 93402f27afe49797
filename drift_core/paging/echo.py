"""How windows resemble those before them, and so how many independent ones they are worth."""

from typing import NamedTuple

import numpy as np

from drift_core.types import FloatArray

_LAGS = 4
_EVERY_LAG = 24
_THEN_EVERY = 5
_MOST_FOLLOWED = 0.97


class Echo(NamedTuple):
    """How many windows make one independent window, each part of shape (features,).

    Attributes
    ----------
    spread
        For the variance of V, the mean of ``u u'``.
    mean
        For the variance of the mean of u.
    """

    spread: FloatArray
    mean: FloatArray


def products(scores: FloatArray, lag: int) -> FloatArray:
    """Sum of ``u_(w+lag) u_w'`` over the windows w: shape (features, B, W) to (features, B, B)."""
    windows = scores.shape[-1]
    earlier = scores[..., : windows - lag].swapaxes(-1, -2)
    return np.asarray(scores[..., lag:] @ earlier)


def echo(scores: FloatArray, seen: FloatArray, spread: FloatArray) -> Echo:
    """Say how many windows make one.

    With V_k the mean of ``u u'`` at a distance of k windows, W windows are worth
    ``W / (1 + 2 sum tr(V_k V_k') / tr(V^2))`` independent ones (Bayley and Hammersley 1946),
    after what chance alone adds to V_k is taken off; or fewer, if along V's leading direction
    they follow each other like an autoregression of order one.

    Parameters
    ----------
    scores
        Shape (features, B, W): u, in the order of time.
    seen
        Shape (features,): windows with rows.
    spread
        Shape (features, B, B): V.
    """
    return _at_least_following(_correlated(scores, seen, spread), _followed(scores, spread), seen)


def _correlated(scores: FloatArray, seen: FloatArray, spread: FloatArray) -> Echo:
    trace, square = np.trace(spread, axis1=-2, axis2=-1), (spread**2).sum((-2, -1))
    total = np.where(square > 0, square, 1.0)
    many, pull = np.ones_like(trace), np.ones_like(trace)
    for lag, stands_for in _lags(scores.shape[-1] // _LAGS):
        pairs = np.maximum(seen - lag, 1.0)
        apart = (products(scores, lag) ** 2).sum((-2, -1)) / pairs**2
        alike = np.clip((apart - trace**2 / pairs) / total, 0.0, 1.0) * (square > 0)
        weight = 2 * stands_for * (1 - lag / np.maximum(seen, lag + 1))
        many, pull = many + weight * alike, pull + weight * np.sqrt(alike)
    return Echo(many, pull)


def _lags(end: int) -> list[tuple[int, int]]:
    """Distances to look at, and how many each stands for.

    All within a day of hours; beyond, every fifth, which comes to every hour of the day in turn.
    """
    near = [(lag, 1) for lag in range(1, min(end, _EVERY_LAG + 1))]
    return near + [(lag, _THEN_EVERY) for lag in range(_EVERY_LAG + 3, end, _THEN_EVERY)]


def _followed(scores: FloatArray, spread: FloatArray) -> FloatArray:
    """Lag-one correlation along the leading direction, shape (features,).

    What centring on a short series takes from it is given back (Marriott and Pope 1954).
    """
    leading = np.linalg.eigh(spread)[1][..., -1]
    along = (leading[..., None, :] @ scores)[..., 0, :]
    windows, square = along.shape[-1], (along**2).sum(-1)
    raw = (along[:, 1:] * along[:, :-1]).sum(-1) / np.where(square > 0, square, 1.0)
    given_back = (raw + 1 / windows) / max(1 - 3 / windows, 0.25)
    return np.asarray(np.clip(given_back, 0.0, _MOST_FOLLOWED))


def _at_least_following(found: Echo, following: FloatArray, seen: FloatArray) -> Echo:
    # what an autoregression of order one would make of them, which goes on beyond the lags seen
    square = following**2
    mean = (1 + following) / (1 - following)
    beyond = 2 * following * (1 - following**seen) / np.maximum(seen, 1) / (1 - following) ** 2
    return Echo(
        np.maximum(found.spread, (1 + square) / (1 - square)),
        np.maximum(found.mean, mean - beyond),
    )
