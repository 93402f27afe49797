"""Bodies of which each request has rows of its own: ids and times are put in as they leave."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.intake.generator import Order, Patch
from benchmarks.intake.traffic import BY_PATH, SPAN, make

FORM = BY_PATH["arrow-stream"]
ROWS = 10_000
MICROSECOND = timedelta(microseconds=1)


def write(path: Path, rows: int, begin: datetime, step: timedelta) -> tuple[Patch, ...]:
    """Write a body, and return what gives each request new ids, and times a step later."""
    frame = make(rows, 1, begin)
    body = FORM.encode(frame)
    path.write_bytes(body)
    first = int(frame["timestamp"].dt.timestamp("us")[0])
    ids = Patch(_place(body, frame["id"].to_numpy()), 0, rows, 1.0, rows)
    times = _place(body, frame["timestamp"].dt.timestamp("us").to_numpy())
    inner = min(SPAN, step) if step else SPAN
    return (ids, Patch(times, first, rows, inner / MICROSECOND / rows, step // MICROSECOND))


def _place(body: bytes, numbers: np.ndarray) -> int:
    """Return where a column's integers lie; Arrow keeps them in one piece."""
    return body.index(np.ascontiguousarray(numbers, "<i8").tobytes())


def order(
    port: int, model: str, path: Path, patches: tuple[Patch, ...], connections: int, **more: float
) -> Order:
    return Order(
        port,
        f"/v1/models/{model}/batches",
        FORM.media_type,
        (str(path),),
        path.name,
        connections,
        **({"seconds": 600.0} | more),
        patches=patches,
    )
