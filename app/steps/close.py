"""Windows that are due are judged, once each; verdicts, alerts and outbox in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest

from app.domain.alerts import alert
from app.domain.alerts.alert import AlertKey
from app.domain.calendars.exclusion import Calendar
from app.domain.model import WHOLE, Baseline, Model, StoredGridSet
from app.domain.monitors.monitor import Against, AgainstKind, Monitor, MonitorKind, funded
from app.domain.segments.looks import shared
from app.domain.verdicts import against, judging
from app.domain.verdicts.judgement import (
    REFERENCE,
    Cause,
    Gathered,
    Judgement,
    Revision,
    Traffic,
    WindowKey,
    WindowRow,
)
from app.domain.verdicts.judges import Judges
from app.domain.window import Progress, closable, closable_until
from app.ports import Store, Unit
from app.ports.windows import Due
from app.steps.segments import counted_segments
from app.steps.settle import Announced, settle_group, settle_look

A_TURN = 20
"""Windows of one version in one round."""
RESTATED = 200
OVERDUE = 100
"""Groups in one round."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A window that was judged, and what the world is told of it."""

    model: str
    revision: Revision
    announced: tuple[Announced, ...] = ()


@dataclass(frozen=True, slots=True)
class Closer:
    """The use case, with what it needs to know about this installation."""

    store: Store
    event_source: str
    code_version: str
    judges: Judges = field(default_factory=Judges)

    async def due(self) -> list[Due]:
        """Return windows that may be judged now, a bounded number; ask again when they are done.

        Those of one version come in the order of their ends; versions take turns, so that a year
        of history does not hold up what is live.
        """
        lines: list[Sequence[Due]] = []
        async with self.store.read() as unit:
            for backlog in await unit.windows.backlogs():
                progress = Progress(tuple(backlog.sources), unit.now)
                until = closable_until(backlog.lateness, progress)
                if until is not None and backlog.first_end <= until:
                    lines.append(await unit.windows.open(backlog, until, A_TURN))
            lines.append(await unit.windows.restated(RESTATED))
        return [due for turn in zip_longest(*lines) for due in turn if due is not None]

    async def close(self, due: Due) -> Closed | None:
        """Judge one window; None where another replica was faster, or it is not due any more."""
        async with self.store.write() as unit:
            window = await unit.windows.claim(due.window.id)
            if window is None or window.revision != due.window.revision:
                return None
            model = await unit.models.by_id(window.key.model_id)
            if model is None or model.active_baseline is None:
                return None
            if window.closed_at is None:
                progress = await unit.windows.progress(model.id, window.key.version)
                if not closable(window.end, due.lateness, Progress(tuple(progress), unit.now)):
                    return None
            revision, baseline = await self._judge(unit, model, window)
            await unit.windows.save(window, revision)
            await self._alerts(unit, model, revision, baseline)
            announced = await settle_look(unit, self.event_source, model, window.key)
        return Closed(model.name, revision, announced)

    async def settle(self, beat: Callable[[], None] = lambda: None) -> list[Announced]:
        """Tell the news of looks of which a window keeps the others waiting."""
        async with self.store.read() as unit:
            overdue = await unit.alerts.overdue(OVERDUE)
        told: list[Announced] = []
        for key in overdue:
            beat()
            async with self.store.write() as unit:
                if not await unit.alerts.claim(key):
                    continue
                model = await unit.models.by_id(key.model_id)
                if model is None:
                    continue
                one = await settle_group(unit, self.event_source, model, key)
            told += [one] if one else []
        return told

    async def _judge(
        self, unit: Unit, model: Model, window: WindowRow
    ) -> tuple[Revision, Baseline]:
        monitors = await _monitors(unit, model, window)
        gathered = await unit.windows.gather(window)
        if any(monitor.kind is MonitorKind.DATA_QUALITY for monitor in monitors):
            seen = await unit.windows.sightings(window)
            gathered = replace(gathered, sightings=tuple(seen))
        heads = await unit.models.baseline_heads(model.id)
        fitting = judging.fitting(heads, model.active_baseline, gathered.grid_set)
        baseline = await unit.models.baseline(model.id, fitting.number)
        assert baseline is not None  # noqa: S101  its head was read in this transaction
        if window.key.segment:
            baseline = await unit.segments.reference(model.id, baseline, window.key.segment)
        grids = await unit.models.grid_set(model.id, baseline.grid_set)
        divided = grids.segments, model.settings.segments
        looking = shared(monitors, window.key.segment, *divided)
        asked = gathered, baseline, grids, looking, self.judges.ready
        judgements = await asyncio.to_thread(judging.judge_all, *asked)
        judgements += await self._beside(unit, window, gathered, (baseline, grids), looking)
        revision = Revision(
            window=window.key,
            end=window.end,
            number=window.revision + 1,
            cause=Cause.CLOSED if window.revision == 0 else Cause.LATE_ROWS,
            judged_at=unit.now,
            gathered=gathered,
            code_version=self.code_version,
            judgements=judgements,
        )
        return revision, baseline

    async def _beside(
        self,
        unit: Unit,
        window: WindowRow,
        gathered: Gathered,
        asked: tuple[Baseline, StoredGridSet],
        monitors: Sequence[Monitor],
    ) -> tuple[Judgement, ...]:
        """Judge the window against other traffic, where a monitor asks for that."""
        if not any(monitor.also for monitor in monitors) or gathered.vector is None:
            return ()
        champion = await unit.models.champion(window.key.model_id)
        name = champion.name if champion else None
        others: dict[tuple[str, Calendar], Traffic | None] = {}
        made: list[Judgement] = []
        for monitor in monitors:
            for one in monitor.also:
                if against.barred(one, monitor.calendar, window.key.start, window.end):
                    made.append(against.excluded(monitor, one))
                    continue
                known = one.name, monitor.calendar
                if known not in others:
                    where = one, window.key, window.end, name, monitor.calendar
                    others[known] = await _other(unit, asked[0].number, where)
                if (other := others[known]) is not None:
                    held = gathered, other.gathered, asked, monitor, one
                    judged = await asyncio.to_thread(against.judge_against, *held)
                    made.append(replace(judged, traffic=other))
        return tuple(made)

    async def _alerts(
        self, unit: Unit, model: Model, revision: Revision, baseline: Baseline
    ) -> None:
        """Replay the alerts of monitors that page; only the champion's windows have any."""
        champion = await unit.models.champion(model.id)
        if champion is None or champion.name != revision.window.version:
            return
        segment = revision.window.segment
        if segment != WHOLE and segment not in await counted_segments(unit, model):
            return  # no window would ever resolve it
        held = [one for one in revision.judgements if one.comparison == REFERENCE]
        paging = [one for one in held if one.monitor.pages]
        barriers = await unit.alerts.barriers(revision.window) if paging else {}
        for one in paging:
            barrier = barriers.get(one.monitor.name)
            if barrier is None or revision.window.start > barrier:
                await self._alert(unit, model, revision, one, (baseline, barrier))

    async def _alert(
        self,
        unit: Unit,
        model: Model,
        revision: Revision,
        judgement: Judgement,
        since: tuple[Baseline, datetime | None],
    ) -> None:
        """Replay an alert from this window on; there is news only where its present changed."""
        monitor, window = judgement.monitor, revision.window
        baseline, barrier = since
        key = AlertKey(model.id, window.version, window.segment, monitor.name, window.start)
        was = await unit.alerts.present(key)
        looks = await unit.windows.looks(window, monitor.name)
        before = alert.past(await unit.alerts.before(key), barrier)
        steps = alert.replay(before, looks, monitor)
        names = judging.about(was, steps[-1], window.start, judgement)
        alert_id = await unit.alerts.replace(key, steps, names)
        changed = alert.change(was.state if was else None, steps[-1].state)
        if changed is None:
            return
        told = judging.Told(changed, alert.telling(steps), names)
        data = judging.alert_data(model.name, revision, judgement, baseline, told)
        data["window"]["expected_rows"] = await unit.heartbeats.expected(window, revision.end)
        data["verdict"]["id"] = await unit.verdicts.id_of(window, revision.number, monitor.name)
        await unit.alerts.note(alert_id, data)


async def _other(
    unit: Unit, baseline: int, where: tuple[Against, WindowKey, datetime, str | None, Calendar]
) -> Traffic | None:
    """Return the traffic that a window is held against; None where that would be itself."""
    asked, key = where[:2]
    found = await asyncio.to_thread(against.stretches, *where)
    if asked.kind is AgainstKind.VERSION and not found:
        return None
    spans = tuple((one.key.start, one.end) for one in found)
    if asked.kind is AgainstKind.TRAILING and len(found) > 1:  # a calendar leaves many pieces
        held = await unit.windows.gather_pieces(key, spans)
    else:
        rows = (WindowRow(0, one.key, one.end, None, 0) for one in found)
        held = against.together([await unit.windows.gather(row) for row in rows])
    return Traffic(held, baseline, found[0].key.version if found else key.version, spans)


async def _monitors(unit: Unit, model: Model, window: WindowRow) -> list[Monitor]:
    """Return those that judge a window, each with what its look may spend."""
    own = model.settings.window
    every = funded(await unit.monitors.of(model.id), own)
    return [one for one in every if one.enabled and one.frame_name(own) == window.key.frame]
