"""What is kept of a model's looks from one to the next, and what they find: values."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from drift_core.paging.dispersion import Dispersion
from drift_core.paging.traffic import Traffic
from drift_core.types import BoolArray, FloatArray, IntArray, Json


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What a look needs to know of those before it: arrays and numbers, to be stored as such.

    Attributes
    ----------
    recent
        Shape (at most `long`, features, B): the latest looks' counts, oldest first.
    traffic
        What traffic does by itself; `None` while that is being learned.
    looks
        How many there were: every `long` of them a long window ends.
    firing, clean
        Whether an alarm is on, and for how many looks nothing was found.
    """

    recent: IntArray
    traffic: Traffic | None = None
    looks: int = 0
    firing: bool = False
    clean: int = 0

    def to_json(self) -> Json:
        """Return all but `recent`, which whoever stores counts has already."""
        seen = self.traffic
        learned = seen and {"short": seen.short.to_json(), "long": seen.long.to_json()}
        rest = {"looks": self.looks, "firing": self.firing, "clean": self.clean}
        return {"traffic": learned, **rest}

    @classmethod
    def from_json(cls, found: Json, recent: IntArray) -> Self:
        """Take what `to_json` gave, and the latest looks' counts."""
        parts = found["traffic"]
        traffic = parts and Traffic(
            Dispersion.from_json(parts["short"]), Dispersion.from_json(parts["long"])
        )
        return cls(recent, traffic, found["looks"], found["firing"], found["clean"])


class Found(NamedTuple):
    """What one look found; arrays have shape (2, features), the short scale first.

    Attributes
    ----------
    p_value, p_adjusted
        Evidence, and the same after Benjamini-Hochberg within its scale; NaN where a feature is
        not judged at that scale. The second is 1 for features that wander, but for one look in
        `long`, which has the level of all of them.
    paged
        Evidence at the budget's level, and an effect worth a page.
    opens, closes
        This look starts an alarm, or ends one.
    """

    p_value: FloatArray
    p_adjusted: FloatArray
    paged: BoolArray
    opens: bool
    closes: bool


class FoundMany(NamedTuple):
    """What many looks found: `Found` with a first axis of looks, and whether an alarm is on."""

    p_value: FloatArray
    p_adjusted: FloatArray
    paged: BoolArray
    opens: BoolArray
    closes: BoolArray
    firing: BoolArray


def fresh(features: int, bins: int) -> Watch:
    """Begin a watch that has seen nothing."""
    return Watch(np.zeros((0, features, bins), np.int64))
