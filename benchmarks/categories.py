"""Categories into cells: codes beside a pass over them, texts beside Arrow's encoding."""

import numpy as np
import pyarrow as pa

from benchmarks import machine, progress
from benchmarks.clock import timed
from benchmarks.contestants.arrow import column
from benchmarks.findings import Found, Table, table
from drift_core import Grid, warm_up

ROWS = 16_000_000
"""Of codes, beyond any cache; texts are a sixteenth of them."""
ROUNDS = 7
LEVELS = (10, 200, 5_000, 100_000)
# np.sum of int32 widens as it goes and is slower than counting; the least pass is this one
PASS, ENCODING = "np.max of the codes", "Arrow's dictionary_encode"
CODES, TEXTS = "codes", "plain texts"


def measure() -> Found:
    warm_up()
    return Found(machine.describe(ROUNDS), tuple(of_levels(levels, ROWS) for levels in LEVELS))


def of_levels(levels: int, rows: int) -> Table:
    progress.say(f"categories: {levels:,} levels")
    rng = np.random.default_rng(2)
    names = pa.array([f"level {i}" for i in range(levels)])
    codes = pa.array(rng.integers(0, levels, rows).astype(np.int32))
    grid = Grid.categorical(names.take(codes[:20_000]).to_pylist())
    coded = column(pa.DictionaryArray.from_arrays(codes, names))
    texts = names.take(codes[: rows // 16])
    quick = {PASS: coded.values.max, CODES: lambda: coded.count(grid)}
    slow = {ENCODING: texts.dictionary_encode, TEXTS: lambda: column(texts).count(grid)}
    found = timed(quick, ROUNDS) | timed(slow, ROUNDS)
    values = dict.fromkeys(quick, rows) | dict.fromkeys(slow, len(texts))
    return table(f"levels {levels}", f"{levels:,} levels, int32 codes", PASS, found, values)
