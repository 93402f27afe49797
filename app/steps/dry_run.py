"""A monitor is tried on windows of the past: what would it have said? Writes nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.errors import Conflict, Fault, Invalid, NotFound
from app.domain.model import Baseline, BaselineHead, Model, StoredGridSet
from app.domain.monitors.by_rows import ByRows, Span, cut
from app.domain.monitors.checks import check_monitor
from app.domain.monitors.frame import Frame
from app.domain.monitors.monitor import BASE_FRAME, BUDGET_SPAN, Monitor, MonitorKind, funded
from app.domain.monitors.past import PastWindow
from app.domain.monitors.rehearsal import Rehearsal
from app.domain.segments.looks import shared
from app.domain.telling.reports import WindowQuery
from app.domain.verdicts import judging
from app.domain.verdicts.judgement import Judgement
from app.domain.verdicts.judges import Judges
from app.domain.verdicts.judging_many import judge_windows
from app.domain.window import MONDAY, PANE, Progress, closable_until, pane_of
from app.ports import Store, Unit
from app.ports.borders import Strip
from app.steps.ask import missing
from app.steps.declare import find
from app.steps.segments import check_segment

MOST_WINDOWS = 5_000
MOST_VERDICTS = 250_000
"""Of features in one call: a model of many columns is tried on fewer windows."""
A_BLOCK = 64
"""Windows that are judged together."""
INSTANT = timedelta(microseconds=1)
EVER = MONDAY
"""Before all windows."""
STRETCH = timedelta(days=14)
"""Event time whose stored sums are read at once, beside the width of a window."""

Judged = tuple[PastWindow, Judgement | None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is tried, on which windows."""

    model: str
    monitor: str
    proposed: Monitor | None = None
    """None: as it is declared at present."""
    version: str | None = None
    segment: str = ""
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question comes to."""

    model: Model
    monitor: Monitor
    """With what its looks could spend, were it declared."""
    series: WindowQuery
    champion: bool
    """Whether the version is the one whose windows have alerts."""
    heads: Sequence[BaselineHead]
    start: datetime
    end: datetime
    limited: bool
    """Whether windows before ``start`` were asked for, too many at a time."""
    ends_by: datetime | None
    """Latest end of a window that would be closed now; None: none would."""
    empty: bool = False
    """Whether nothing is stored that windows could be made of."""
    spans: Sequence[Span] = ()
    """Of windows by rows that are not stored: where they would have begun and ended."""

    @property
    def frame(self) -> Frame:
        """Return the shape of windows that are as long as each other."""
        own = self.model.settings.window
        found = self.monitor.frame(own)
        return found if isinstance(found, Frame) else Frame(own, own)

    @property
    def by_rows(self) -> ByRows | None:
        found = self.monitor.frame(self.model.settings.window)
        return found if isinstance(found, ByRows) else None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    plan: Plan
    rehearsal: Rehearsal


async def dry_run(store: Store, question: Question, most: int = MOST_WINDOWS) -> Tried:
    """Judge windows of the past by a proposed monitor, and replay its alert.

    Raises
    ------
    NotFound, Invalid, Conflict
        There is no such model, monitor, version or segment; it cannot be asked; or there is no
        baseline.
    """
    async with store.read() as unit:
        plan = await _bounded(unit, await _plan(unit, question), most)
    rehearsal = Rehearsal(plan.monitor)
    async for block in judged(store, plan):
        await asyncio.to_thread(_take, rehearsal, block)
    return Tried(plan, rehearsal)


def _take(rehearsal: Rehearsal, block: Sequence[Judged]) -> None:
    for window, judgement in block:
        if judgement is None:
            rehearsal.leave_out(window)
        else:
            rehearsal.add(window, judgement)


async def _plan(unit: Unit, question: Question) -> Plan:
    model = await find(unit, question.model)
    if model.active_baseline is None or model.schema is None:
        detail = "the model has no baseline yet, so nothing can be judged"
        raise Conflict(detail, code="no-baseline")
    monitor = await _funded(unit, model, question)
    champion = await unit.models.champion(model.id)
    version = question.version or (champion.name if champion else "")
    if question.version and version not in {v.name for v in await unit.models.versions(model.id)}:
        raise NotFound(f"model {model.name!r} has no version {version!r}")
    await check_segment(unit, model, question.segment)
    own = model.settings.window
    frame = monitor.frame_name(own)
    series = WindowQuery(model.id, version, question.segment, monitor.name, frame=frame)
    end = question.end or unit.now
    start = question.start or end - BUDGET_SPAN
    if start >= end:
        raise Invalid("the span is empty", (Fault("must be before `to`", field="from"),))
    progress = await unit.windows.progress(model.id, version)
    return Plan(
        model=model,
        monitor=monitor,
        series=series,
        champion=champion is not None and champion.name == version,
        heads=await unit.models.baseline_heads(model.id),
        start=start,
        end=end,
        limited=False,
        ends_by=closable_until(model.settings.lateness, Progress(tuple(progress), unit.now)),
    )


async def _funded(unit: Unit, model: Model, question: Question) -> Monitor:
    """Return the monitor with the page level that it would have beside the others."""
    present = await unit.monitors.get(model.id, question.monitor)
    if question.proposed is not None:
        check_monitor(question.proposed, model)
    proposed = question.proposed or (present.monitor if present else None)
    if proposed is None:
        raise missing(model.name, question.monitor)
    if proposed.kind is MonitorKind.TRAFFIC:
        detail = "a monitor of traffic judges no windows, so none can be tried"
        raise Invalid(detail, (Fault(detail, field="monitor"),))
    others = [one for one in await unit.monitors.of(model.id) if one.name != proposed.name]
    return funded([proposed, *others], model.settings.window)[0]


async def _bounded(unit: Unit, plan: Plan, most: int) -> Plan:
    """Return the plan for its newest windows, as many as may be judged in one call."""
    assert plan.model.schema is not None  # noqa: S101  asked before
    columns = len(plan.monitor.columns(plan.model.schema))
    most = max(1, min(most, MOST_VERDICTS // max(columns, 1)))
    if plan.by_rows is not None and not await unit.history.closed(plan.series, EVER, plan.end, 1):
        return await _cut(unit, plan, plan.by_rows, most)
    if plan.series.frame == BASE_FRAME or plan.by_rows is not None:
        first = await unit.history.newest(plan.series, plan.start, plan.end, most)
        return plan if first is None else replace(plan, start=first, limited=True)
    extent = await unit.history.extent(plan.series)
    if extent is None:
        return replace(plan, empty=True)
    frame = plan.frame
    kept = plan.model.counts_removed_until
    earliest = max(plan.start, extent[0] - frame.width, kept or plan.start)
    first_stride = -(-(earliest - frame.start(0)) // frame.step)
    end = min(plan.end, extent[1] + INSTANT)
    last_stride = (end - INSTANT - frame.start(0)) // frame.step
    limited = last_stride - first_stride >= most
    first_stride = max(first_stride, last_stride - most + 1)
    return replace(plan, start=frame.start(first_stride), end=end, limited=limited)


async def _cut(unit: Unit, plan: Plan, frame: ByRows, most: int) -> Plan:
    """Return the plan with the windows by rows that there would have been, the newest of them."""
    place = plan.model.id, plan.series.version, plan.series.segment, frame
    strip = Strip(*place, plan.model.settings.lateness, plan.start)
    until = plan.end if plan.ends_by is None else min(plan.end, plan.ends_by)
    found: list[Span] = []
    stretch = await unit.borders.stretch(strip)
    begin = until if stretch is None else pane_of(max(plan.start + PANE - INSTANT, stretch[0]))
    while begin < until:
        held, known = await unit.borders.held(replace(strip, begin=begin), until)
        cuts = cut(held, begin, frame.rows, known)
        found += cuts.spans
        if not cuts.spans:
            break
        begin = cuts.begin
    return replace(plan, spans=tuple(found[-most:]), limited=len(found) > most)


async def judged(store: Store, plan: Plan) -> AsyncIterator[list[Judged]]:
    """Yield the windows in order, with what the monitor says; None of those that are left out."""
    ready = Ready(plan)
    async for block in _windows(store, plan):
        whole = [window for window in block if window.left is None]
        async with store.read() as unit:
            seen = await _with_sightings(unit, plan, whole)
            asked = [(await ready.baseline(unit, one.gathered.grid_set), one) for one in seen]
        found = await asyncio.to_thread(ready.judge, asked)
        yield [(window, found.get(window.start)) for window in block]


async def _windows(store: Store, plan: Plan) -> AsyncIterator[Sequence[PastWindow]]:
    own = plan.series.frame == BASE_FRAME or (plan.by_rows is not None and not plan.spans)
    for at in range(0, len(plan.spans), A_BLOCK):
        async with store.read() as unit:
            yield await unit.history.summed(plan.series, plan.spans[at : at + A_BLOCK])
    for starts in [] if own or plan.spans or plan.empty else _strides(plan):
        async with store.read() as unit:
            yield await _of_frame(unit, plan, starts)
    start = plan.start
    while own:
        async with store.read() as unit:
            block = await unit.history.closed(plan.series, start, plan.end, A_BLOCK)
        if not block:
            return
        yield block
        start = block[-1].start + INSTANT


def _strides(plan: Plan) -> Iterator[Sequence[datetime]]:
    frame, ends_by = plan.frame, plan.ends_by
    at = -(-(plan.start - frame.start(0)) // frame.step)
    size = max(1, min(A_BLOCK, STRETCH // frame.step))
    block: list[datetime] = []
    while ends_by is not None and frame.start(at) < plan.end:
        if frame.start(at) + frame.width > ends_by:
            break
        block.append(frame.start(at))
        at += 1
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


async def _of_frame(unit: Unit, plan: Plan, starts: Sequence[datetime]) -> Sequence[PastWindow]:
    """Return windows as they were judged where they are stored; sums of what is left elsewhere."""
    after = starts[-1] + INSTANT
    stored = await unit.history.closed(plan.series, starts[0], after, len(starts))
    known = {one.start: one for one in stored if one.left is None}
    summed = await unit.history.summed(
        plan.series, [(one, one + plan.frame.width) for one in starts]
    )
    found = {one.start: one for one in summed} | known
    return [found[start] for start in starts if start in found]


async def _with_sightings(
    unit: Unit, plan: Plan, windows: Sequence[PastWindow]
) -> Sequence[PastWindow]:
    if plan.monitor.kind is not MonitorKind.DATA_QUALITY or not windows:
        return windows
    seen = await unit.history.sightings(plan.series, windows[0].start, windows[-1].end)
    made = []
    for one in windows:
        mine = dict.fromkeys(what for pane, what in seen if one.start <= pane < one.end)
        made.append(replace(one, gathered=replace(one.gathered, sightings=tuple(mine))))
    return made


class Fitting(NamedTuple):
    """What windows of one grid set are compared with, and how sure their looks must be."""

    baseline: Baseline
    grids: StoredGridSet
    monitor: Monitor


@dataclass(slots=True)
class Ready:
    """The baseline that was used last, and judges made ready."""

    plan: Plan
    judges: Judges = field(default_factory=Judges)
    last: Fitting | None = None

    async def baseline(self, unit: Unit, grid_set: int | None) -> Fitting:
        """Return what a window on a grid set is compared with, as closing would."""
        model = self.plan.model
        number = judging.fitting(self.plan.heads, model.active_baseline, grid_set).number
        if self.last is None or self.last.baseline.number != number:
            baseline = await unit.models.baseline(model.id, number)
            if baseline is None:
                raise NotFound(f"model {model.name!r} was deleted")
            segment = self.plan.series.segment
            if segment:
                baseline = await unit.segments.reference(model.id, baseline, segment)
            grids = await unit.models.grid_set(model.id, baseline.grid_set)
            divided = grids.segments, model.settings.segments
            (monitor,) = shared([self.plan.monitor], segment, *divided)
            self.last = Fitting(baseline, grids, monitor)
        return self.last

    def judge(self, asked: Sequence[tuple[Fitting, PastWindow]]) -> dict[datetime, Judgement]:
        """Return the judgements of windows; those with one baseline are judged together."""
        together: dict[int, list[tuple[Fitting, PastWindow]]] = {}
        for fitting, window in asked:
            together.setdefault(fitting.baseline.number, []).append((fitting, window))
        made = {}
        for number, some in together.items():
            baseline, grids, monitor = some[0][0]
            counted = [window.gathered for _, window in some]
            verdicts = judge_windows(counted, baseline, grids, monitor, self.judges.ready)
            for (_, window), verdict in zip(some, verdicts, strict=True):
                made[window.start] = Judgement(monitor, number, verdict)
        return made
