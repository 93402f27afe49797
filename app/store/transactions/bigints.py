"""Arrays of 64-bit integers to PostgreSQL as they lie in memory, not number by number."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

BIGINT, BIGINT_ARRAY = 20, 1016
ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])


@dataclass(frozen=True, slots=True)
class Bigints:
    """A parameter of type ``bigint[]``."""

    values: npt.NDArray[np.int64]


class _BigintsDumper(Dumper):
    """PostgreSQL's binary form: dimensions, nulls, type, size, first index; then each element."""

    format = Format.BINARY
    oid = BIGINT_ARRAY

    def dump(self, obj: Bigints) -> bytes:
        size = obj.values.size
        head = np.array([1, 0, BIGINT, size, 1] if size else [0, 0, BIGINT], ">i4")
        elements = np.empty(size, ELEMENT)
        elements["length"] = 8
        elements["value"] = obj.values
        return head.tobytes() + elements.tobytes()


psycopg.adapters.register_dumper(Bigints, _BigintsDumper)
