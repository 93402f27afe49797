"""What segments cost: time to count, and bytes of what a quarter of an hour leaves.

Run ``python benchmarks/segments.py``. The rows have 16 numbers and 4 texts; one text, of 3,
12 or 40 values, divides them. Time is that of counting a decoded batch, as a multiple of the same
batch without segments, the least of several turns that alternate; bytes are those of the pane's
sums as they are stored.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from app.domain.batch import CountedBatch, Envelope
from app.domain.model import Settings, StoredGridSet
from app.domain.references.reference import build_reference
from app.domain.rows.infer import infer_schema
from app.domain.rows.profile import tally
from app.domain.segments.segment import Segmentation
from app.sources.formats import find_format
from app.store.counts.encoding import pack_cells
from benchmarks.intake.traffic import make, parquet

REFERENCE, TURNS = 50_000, 15
ROWS = (100, 1_000, 10_000, 100_000)
COLUMNS = ("c0", "c1", "c2")
PARQUET = "application/vnd.apache.parquet"


class Cost(NamedTuple):
    """Seconds and bytes of one batch."""

    seconds: float
    stored: int
    panes: int


def main() -> None:
    form = find_format(PARQUET)
    reference = form.decode(parquet(make(REFERENCE, 999)), form.limits)
    schema = infer_schema(reference)
    envelope = Envelope(1, "k", bytes(16), "v", "http", True, datetime.now(UTC))
    works: dict[str, Callable[..., CountedBatch]] = {}
    for column in (None, *COLUMNS):
        asked = None if column is None else Segmentation(((column,),))
        found = build_reference(reference, schema, None, segments=asked)
        grids = StoredGridSet(1, 1, found.grids, found.segmented.plan)
        works[column or "none"] = _work(schema, grids, envelope, Settings(segments=asked))
    print("| rows | " + " | ".join(f"{name}: time, bytes, sums" for name in works) + " |")
    for rows in ROWS:
        table = form.decode(parquet(make(rows, 1)), form.limits)
        costs = _measure([partial(work, table) for work in works.values()])
        first = costs[0]
        cells = [
            f"x {c.seconds / first.seconds:.1f}, x {c.stored / first.stored:.1f}, {c.panes}"
            for c in costs
        ]
        base = f"{first.seconds * 1e3:.2f} ms, {first.stored:,} bytes, {first.panes}"
        print(f"| {rows:,} | " + " | ".join([base, *cells[1:]]) + " |", flush=True)


def _work(
    schema: object, grids: StoredGridSet, envelope: Envelope, settings: Settings
) -> Callable[..., CountedBatch]:
    return lambda table: tally(table, schema, grids, envelope, settings)  # type: ignore[arg-type]


def _measure(works: Sequence[Callable[[], CountedBatch]]) -> list[Cost]:
    least = [float("inf")] * len(works)
    batches = [work() for work in works]
    for _ in range(TURNS):
        for place, work in enumerate(works):
            begin = time.thread_time()
            work()
            least[place] = min(least[place], time.thread_time() - begin)
    return [
        Cost(seconds, _stored(batch), len(batch.panes))
        for seconds, batch in zip(least, batches, strict=True)
    ]


def _stored(batch: CountedBatch) -> int:
    return sum(len(pack_cells(one.cells, one.counts, 1 << 18)) for one in batch.panes)


if __name__ == "__main__":
    main()
