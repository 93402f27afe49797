"""Array aliases and the two kinds of columns; nothing that computes."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["numeric", "categorical"]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]
Json = dict[str, Any]

MISSING = 0
"""Cell, and bin, of absent values: null and NaN."""
INVALID = 1
"""Cell, and bin, of values of the wrong type."""
FIRST_VALUE = 2
"""Where a grid's own cells, and its value bins, begin."""
