"""False pages in simulated quarters: the monitors that a model gets, on traffic that never drifts.

Run ``python benchmarks/quarters.py [quarters]``. A quarter is 90 days of hourly windows, judged and
replayed by the very functions with which the service closes windows; traffic is drawn from what the
reference was drawn from. Beside the usual monitors stands a model on which all three page, which
share the same budget; and one whose last month drifts, so that silence alone is no success.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import chdtri

from app.domain.alerts.alert import AlertState, Look, replay
from app.domain.batch import CountVector, Envelope, Table
from app.domain.model import Baseline, Settings, StoredGridSet
from app.domain.monitors.monitor import Monitor, MonitorKind, funded, usual_monitors
from app.domain.references.reference import Reference, build_reference
from app.domain.rows.profile import tally
from app.domain.verdicts.judgement import Gathered
from app.domain.verdicts.judges import Judges
from app.domain.verdicts.judging import judge_all
from app.domain.window import MONDAY
from drift_core import State

HOUR = timedelta(hours=1)
HOURS = 90 * 24
DRIFT_FROM = 60 * 24
REFERENCE = 20_000
HEAD = """\
| traffic | quarters | false pages | a quarter, at most | other drift | hours to page |
| --- | ---: | ---: | ---: | ---: | ---: |"""


class Case(NamedTuple):
    """A model: rows an hour, whether all monitors page, and by how much its last month moves."""

    name: str
    rows: int
    all_page: bool = False
    moved: float = 0.0


CASES = (
    Case("100 rows an hour", 100),
    Case("1,000 rows an hour", 1_000),
    Case("1,000 rows an hour, all three monitors page", 1_000, all_page=True),
    Case("1,000 rows an hour, a feature moves by 0.5 sd after 60 days", 1_000, moved=0.5),
)


def draw(rng: np.random.Generator, rows: int, moved: float = 0.0) -> Table:
    """Return rows of 16 numbers, 4 texts, a prediction and a score; a fiftieth is missing."""
    columns: dict[str, pl.Series] = {}
    for place in range(16):
        values = rng.normal(size=rows) if place % 2 else rng.lognormal(size=rows)
        values[rng.random(rows) < 0.02] = np.nan
        columns[f"n{place}"] = pl.Series(values + (moved if place == 1 else 0.0)).fill_nan(None)
    for place, levels in enumerate((2, 5, 20, 100)):
        names = np.array([f"level {level}" for level in range(levels)])
        columns[f"c{place}"] = pl.Series(names[rng.geometric(2 / levels, rows) % levels])
    score = rng.beta(2, 5, rows)
    columns["score"] = pl.Series(score)
    columns["prediction"] = pl.Series(np.where(score > 0.3, "yes", "no"))
    return Table(columns, rows)


def baseline_of(reference: Reference) -> Baseline:
    return Baseline(
        number=1,
        version="v",
        grid_set=1,
        fingerprint=reference.fingerprint,
        rows=reference.rows,
        vector=reference.vector,
        schema=reference.schema,
        warnings=(),
        lineage={},
        created_at=MONDAY,
    )


def monitors_of(reference: Reference, case: Case) -> tuple[Monitor, ...]:
    every = usual_monitors(reference.schema)
    usual = [one for one in every if one.kind is not MonitorKind.TRAFFIC]  # it judges no windows
    asked = [replace(one, pages=True) for one in usual] if case.all_page else usual
    return funded(asked, HOUR)


def quarter(case: Case, seed: int) -> tuple[int, int, float]:
    """Return false pages, windows of drift that did not page, and hours from drift to its page."""
    rng = np.random.default_rng(seed)
    reference = build_reference(draw(rng, REFERENCE), None, None)
    grids, baseline = StoredGridSet(1, 1, reference.grids), baseline_of(reference)
    monitors, judges = monitors_of(reference, case), Judges()
    looks: dict[str, list[Look]] = {one.name: [] for one in monitors}
    calm_drift = 0
    for hour in range(HOURS):
        moved = case.moved if hour >= DRIFT_FROM else 0.0
        table = draw(rng, int(rng.poisson(case.rows)) or 1, moved)
        gathered = Gathered(table.rows, 1, counted(table, reference, grids))
        for one in judge_all(gathered, baseline, grids, monitors, judges.ready):
            judged = one.verdict.state in (State.OK, State.DRIFT)
            page = one.verdict.page if judged else None
            looks[one.monitor.name].append(Look(MONDAY + hour * HOUR, 1, page))
            calm_drift += one.verdict.state is State.DRIFT and not one.verdict.page
    fired = [at for one in monitors if one.pages for at in firings(looks[one.name], one)]
    late = [at for at in fired if case.moved and at >= DRIFT_FROM]
    delay = min(late) - DRIFT_FROM if late else math.nan
    return len(fired) - len(late), calm_drift, delay


def counted(table: Table, reference: Reference, grids: StoredGridSet) -> CountVector:
    """Return a window's counts, as intake counts them."""
    envelope = Envelope(1, "k", b"", "v", "http", True, MONDAY)
    vector = grids.grids.zero()
    for pane in tally(table, reference.schema, grids, envelope, Settings()).panes:
        vector[pane.cells] += pane.counts
    return vector


def firings(looks: Sequence[Look], monitor: Monitor) -> list[int]:
    """Return the hours at which an alert begins to fire."""
    states = [step.state is AlertState.FIRING for step in replay(None, looks, monitor)]
    return [at for at, fires in enumerate(states) if fires and not (at and states[at - 1])]


def most(pages: int, quarters: int) -> float:
    """Return the upper end of the 95 % interval of pages a quarter (exact, Poisson)."""
    return float(chdtri(2 * (pages + 1), 0.025)) / 2 / quarters


def row(case: Case, found: Sequence[tuple[int, int, float]]) -> str:
    """Return a line of the table: what was found in each quarter of a case."""
    false, calm = sum(one[0] for one in found), sum(one[1] for one in found)
    delays = [one[2] for one in found if not math.isnan(one[2])]
    delay = f"{np.median(delays):.0f}, at most {max(delays):.0f}" if delays else ""
    figures = (case.name, len(found), false, f"{most(false, len(found)):.2f}", calm, delay)
    return f"| {' | '.join(map(str, figures))} |"


def main() -> None:
    """Print the table after each quarter of all cases: whoever stops it keeps what was measured."""
    quarters = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    found: dict[Case, list[tuple[int, int, float]]] = {case: [] for case in CASES}
    for seed in range(quarters):
        for case in CASES:
            found[case].append(quarter(case, seed))
        print(f"\n{HEAD}", *(row(case, seen) for case, seen in found.items()), sep="\n", flush=True)


if __name__ == "__main__":
    main()
