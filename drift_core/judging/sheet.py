"""A sheet: named arrays over (windows, features), filled block by block."""

from dataclasses import fields
from typing import Any

import numpy as np

from drift_core.stats import Estimates
from drift_core.types import AnyArray, IntArray

Key = tuple[str, ...]

_NOTHING = {"f": np.nan, "i": 0, "b": False, "U": ""}


class Sheet:
    """Arrays of shape (W, F) or (W, F, width), made when something is first entered into them.

    What is never entered stays NaN, zero, false or empty.
    """

    def __init__(self, windows: int, features: int, width: int) -> None:
        self._shape = windows, features
        self._width = width
        self._arrays: dict[tuple[str, ...], AnyArray] = {}

    def enter(self, key: Key, at: tuple[slice, IntArray], found: AnyArray) -> None:
        """Enter what was found at some windows and features.

        It has the shape (features, windows), or (features, windows, B) with B up to the width.
        """
        if key not in self._arrays:
            shape = self._shape if found.ndim == 2 else (*self._shape, self._width)
            self._arrays[key] = np.full(shape, _NOTHING[found.dtype.kind], found.dtype)
        place = at if found.ndim == 2 else (*at, slice(found.shape[2]))
        self._arrays[key][place] = found.swapaxes(0, 1)

    def enter_estimates(self, name: str, at: tuple[slice, IntArray], found: Estimates) -> None:
        """Enter a statistic's estimates, all that they hold."""
        for field in fields(found):
            array = getattr(found, field.name)
            if array is not None:
                self.enter((name, field.name), at, array)

    def read(self, key: Key, nothing: float, *, wide: bool = False) -> AnyArray:
        """Read an array; one full of `nothing` where nothing was ever entered."""
        shape = (*self._shape, self._width) if wide else self._shape
        return self._arrays.get(key, np.full(shape, nothing))

    def group(self, name: str) -> dict[str, AnyArray]:
        """Read all arrays whose key begins with a name, by the rest of their key."""
        return {key[1]: array for key, array in self._arrays.items() if key[0] == name and key[1:]}

    def estimates(self, name: str) -> Estimates:
        """Read a statistic's estimates."""
        found: dict[str, Any] = self.group(name)
        return Estimates(**found)
