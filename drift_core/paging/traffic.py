"""What a model's traffic does by itself: by how much a window may differ when nothing is wrong."""

from dataclasses import dataclass

import numpy as np

from drift_core.evidence.squares import Law
from drift_core.paging.dispersion import Dispersion, disperse
from drift_core.paging.episode import ordinary
from drift_core.types import BoolArray, FloatArray, IntArray

_CALM = 1.2
_CALM_LONG = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """By how much windows of some length may differ from a reference when nothing is wrong.

    PSI over `size`, shape (..., features), is 1 on average and has the tail of a sum of squared
    normals weighted by `law`, over a scale that rests on `freedom` independent windows.
    """

    size: FloatArray
    law: Law
    freedom: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """What was learned of a model's traffic at either scale."""

    short: Dispersion
    long: Dispersion

    @property
    def known(self) -> BoolArray:
        """Features that enough was seen of."""
        return np.asarray(np.isfinite(self.short.phi) & np.isfinite(self.long.phi))

    @property
    def calm(self) -> BoolArray:
        """Features whose short windows differ by little more than independent rows do."""
        return np.asarray((self.short.phi <= _CALM) & (self.long.phi <= _CALM_LONG))

    @property
    def wandering(self) -> BoolArray:
        """Features whose long windows differ by more than independent rows do."""
        return np.asarray(self.known & (self.long.phi > _CALM_LONG))

    def noise(self, ref: IntArray, cur: IntArray, *, long: bool) -> Noise:
        """Noise of windows `cur`, shape (..., features, B), against `ref`, (features, B).

        The reference is taken for a stretch of such traffic. The noise is infinite for a feature
        that is not known.
        """
        n, m = np.maximum(ref.sum(-1), 1), np.maximum(cur.sum(-1), 1)
        filled = np.maximum(((ref + cur) > 0).sum(-1) - 1, 1)
        both = self._long(n, m) if long else self._short(n, m)
        size = np.where(self.known, filled * both.size, np.inf)
        lead, variance = (np.broadcast_to(part, size.shape) for part in both.law)
        return Noise(size, Law(lead, variance), np.broadcast_to(both.freedom, size.shape))

    def _design(self, rows: IntArray) -> FloatArray:
        """Design effect of so many rows in a stretch.

        A mean that wanders adds to it with the rows, from short windows to long ones; beyond, long
        ones are taken for independent.
        """
        short, long = _finite(self.short.phi), _finite(self.long.phi)
        span = np.maximum(self.long.rows - self.short.rows, 1.0)
        lacks = np.clip((self.long.rows - rows) / span, 0.0, 1.0)
        return np.asarray(long - np.maximum(long - short, 0.0) * lacks)

    def _short(self, n: IntArray, m: IntArray) -> Noise:
        fixed, own = self._design(n) / n, _finite(self.short.growing(m)) / m
        # as many independent windows as they are worth, and no fewer than the long ones are:
        # what comes back every day is known after a few
        many = np.maximum(self.short.freedom, self.long.freedom)
        # a sum of two estimated scales (Welch 1947)
        freedom = (fixed + own) ** 2 / (fixed**2 / self.long.freedom + own**2 / many)
        return Noise(fixed + own, self.short.law, freedom)

    def _long(self, n: IntArray, m: IntArray) -> Noise:
        fixed, own = self._design(n) / n, _finite(self.long.growing(m)) / m
        # rows that are absent may all come from one side of the day, and no longer balance it
        share = np.clip(m / np.maximum(self.long.rows, 1.0), 1e-6, 1.0)
        one_sided = (_finite(self.short.phi) - 1) / np.maximum(self.short.rows, 1.0)
        lost = one_sided * ((1 - share) / share) ** 2
        law = Law(
            *(
                np.where(lost > own, a, b)
                for a, b in zip(self.short.law, self.long.law, strict=True)
            )
        )
        return Noise(fixed + own + lost, law, self.long.freedom)


def learn(looks: IntArray, long: int) -> Traffic:
    """Learn from looks, shape (W, features, B), oldest first; `long` of them make a long window.

    An episode that the rest cannot explain is left out, feature by feature.
    """
    whole = looks.shape[0] // long
    latest = looks[looks.shape[0] - whole * long :]
    shape = (whole, long, *looks.shape[1:])
    days = latest.reshape(shape).sum(1)
    taken = ordinary(days)
    if not taken.all():
        days = days * taken[..., None]
        latest = latest * np.repeat(taken, long, axis=0)[..., None]
    return Traffic(short=disperse(latest), long=disperse(days))


def _finite(phi: FloatArray) -> FloatArray:
    return np.where(np.isfinite(phi), phi, 1.0)
