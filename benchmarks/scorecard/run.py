"""Everything that is simulated, cut into jobs for processes; seeds come from their places."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from itertools import chain, count, groupby
from typing import Any

from benchmarks.scorecard import across_time, nulls, power, public, real, windows
from benchmarks.scorecard.across_time import Quarter
from benchmarks.scorecard.kept import Kept
from benchmarks.scorecard.results import QuarterRow, Scorecard, TailRow
from benchmarks.scorecard.size import Size
from benchmarks.scorecard.streams import POWER
from benchmarks.scorecard.traffic import KINDS, Happening, Traffic

_TAILS_AT_ONCE = 100_000
_QUARTERS_AT_ONCE = 10
SECTIONS = ("nulls", "tails", "power", "windows", "public", "quarters", "real")


@dataclass(frozen=True, slots=True)
class Job:
    """A call for one process; jobs with equal keys belong together."""

    section: str
    key: tuple[Any, ...]
    work: Callable[..., Any]
    arguments: tuple[Any, ...]


def jobs(size: Size) -> list[Job]:
    """Name every job of a run, the same ones in the same order for the same size."""
    parts: tuple[Iterable[Job], ...] = (
        _across_time(size),
        _tails(size),
        (Job("power", (stream, change, n, m), power.power_row,
             (stream, change, n, m, size.power))
         for stream, change in POWER for n, m in power.SIZES),
        (Job("nulls", case, nulls.null_rows, (*case, size.nulls)) for case in nulls.null_jobs()),
        (Job("windows", case, windows.window_row, (*case, size.windows))
         for case in windows.CASES),
        (Job("public", case, public.public_row, (*case, size.public)) for case in public.CASES),
        (Job("real", (at,), work, ()) for at, work in enumerate(real.JOBS)),
    )  # fmt: skip
    return list(chain.from_iterable(parts))


def _across_time(size: Size) -> Iterator[Job]:
    calm = [(traffic, None, size.quarters, size.hourly) for traffic in KINDS]
    changed = [(traffic, change, size.changes, size.changes)
               for traffic in across_time.CHANGED for change in across_time.CHANGES]  # fmt: skip
    for traffic, happening, wanted, hourly in (*calm, *changed):
        for first in range(0, wanted, _QUARTERS_AT_ONCE):
            some = min(_QUARTERS_AT_ONCE, wanted - first)
            yield Job("quarters", (traffic, happening), across_time.quarters,
                      (traffic, happening, some, max(0, min(some, hourly - first))))  # fmt: skip


def _tails(size: Size) -> Iterator[Job]:
    for case in nulls.TAILS:
        for _ in range(0, size.tails, _TAILS_AT_ONCE):
            runs = min(size.tails, _TAILS_AT_ONCE)
            yield Job("tails", case, nulls.tail_rows, (*case, runs))


def run(
    size: Size,
    seed: int,
    pool: Executor,
    wanted: Sequence[str],
    done: Callable[[], None],
    kept: Kept | None = None,
) -> Scorecard:
    """Do the jobs of the wanted sections; all of them where none is named.

    Each result goes to `kept` as soon as it is there, and what `kept` has is not done again.
    """
    begun = time.perf_counter()
    every = [job for job in jobs(size) if not wanted or job.section in wanted]
    names = list(_names(every))
    results = {name: found for name in names if kept and (found := kept.get(name)) is not None}
    futures = {
        pool.submit(job.work, *job.arguments, _seed(seed, name)): name
        for job, name in zip(every, names, strict=True)
        if name not in results
    }
    for _ in results:
        done()
    for future in as_completed(futures):
        results[futures[future]] = future.result()
        if kept:
            kept.put(futures[future], future.result())
        done()
    found = [(job, results[name]) for job, name in zip(every, names, strict=True)]
    rows: dict[str, list[Any]] = {}
    for (section, key), group in groupby(found, lambda pair: (pair[0].section, pair[0].key)):
        rows.setdefault(section, []).append(_row(section, key, [result for _, result in group]))
    sections = {section: tuple(some) for section, some in rows.items()}
    return Scorecard(**sections, seconds=time.perf_counter() - begun)


def _names(every: Iterable[Job]) -> Iterator[str]:
    place = {name: count() for name in SECTIONS}
    return (f"{job.section}-{next(place[job.section])}" for job in every)


def _seed(seed: int, name: str) -> tuple[int, int, int]:
    # a seed hangs on the place in its section, so that one section alone comes out the same
    section, place = name.split("-")
    return seed, SECTIONS.index(section), int(place)


def _row(section: str, key: tuple[Any, ...], results: list[Any]) -> Any:  # noqa: ANN401
    if section == "tails":
        return _tail(results)
    if section == "quarters":
        return _quarter(key[0], key[1], results)
    return results[0]


def _tail(results: list[TailRow]) -> TailRow:
    return nulls.add_tails(results)


def _quarter(
    traffic: Traffic, happening: Happening | None, results: list[dict[str, list[Quarter]]]
) -> QuarterRow:
    added: dict[str, list[Quarter]] = {}
    for result in results:
        for name, some in result.items():
            added.setdefault(name, []).extend(some)
    return across_time.quarter_row(traffic, happening, added)
