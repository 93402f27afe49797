"""Windows that are due are judged, once each; verdict, alert and outbox in one transaction."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from app.domain import alert, event, judging
from app.domain.delivery import Topic
from app.domain.judgement import Cause, Revision, WindowKey, WindowRow
from app.domain.judges import Judges
from app.domain.model import Baseline, Model
from app.domain.monitor import default_monitor
from app.domain.window import Progress, closable, closable_until
from app.ports import Due, Store, Unit

A_TURN = 20
"""Windows of one version in one round."""
RESTATED = 200
EVERY_TARGET = 1_000


@dataclass(frozen=True, slots=True)
class Closed:
    """A window that was judged, and what the world is told of it."""

    model: str
    revision: Revision
    change: alert.Change | None
    deliveries: int


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
            announced, deliveries = await self._alert(unit, model, revision, baseline)
        return Closed(model.name, revision, announced, deliveries)

    async def _judge(
        self, unit: Unit, model: Model, window: WindowRow
    ) -> tuple[Revision, Baseline]:
        gathered = await unit.windows.gather(window)
        heads = await unit.models.baseline_heads(model.id)
        fitting = judging.fitting(heads, model.active_baseline, gathered.grid_set)
        baseline = await unit.models.baseline(model.id, fitting.number)
        assert baseline is not None  # noqa: S101  its head was read in this transaction
        grids = await unit.models.grid_set(model.id, baseline.grid_set)
        monitor = default_monitor(model.settings.window)
        asked = gathered, baseline, grids, monitor, self.judges.ready
        verdict = await asyncio.to_thread(judging.judge_window, *asked)
        revision = Revision(
            window=window.key,
            end=window.end,
            number=window.revision + 1,
            cause=Cause.CLOSED if window.revision == 0 else Cause.LATE_ROWS,
            judged_at=unit.now,
            baseline=baseline.number,
            gathered=gathered,
            verdict=verdict,
            monitor_version=monitor.version,
            code_version=self.code_version,
        )
        return revision, baseline

    async def _alert(
        self, unit: Unit, model: Model, revision: Revision, baseline: Baseline
    ) -> tuple[alert.Change | None, int]:
        """Replay the alert from this window on; announce it only where its present changed."""
        champion = await unit.models.champion(model.id)
        if champion is None or champion.name != revision.window.version:
            return None, 0
        monitor = default_monitor(model.settings.window)
        key = revision.window
        was = await unit.alerts.present(key)
        looks = await unit.windows.looks(key)
        steps = alert.replay(await unit.alerts.before(key), looks, monitor)
        names = judging.about(was, steps[-1], revision)
        await unit.alerts.replace(key, steps, names)
        announced = alert.change(was.state if was else None, steps[-1].state)
        if announced is None:
            return None, 0
        told = judging.Told(announced, steps[-1], names)
        data = judging.alert_data(model.name, revision, baseline, monitor, told)
        data["window"]["expected_rows"] = await unit.heartbeats.expected(key, revision.end)
        made = await announce(unit, self.event_source, model.name, key, (announced, data))
        return announced, made


async def announce(
    unit: Unit,
    source: str,
    model: str,
    key: WindowKey,
    told: tuple[alert.Change, Mapping[str, Any]],
) -> int:
    """Write an alert's event with a delivery for every target that takes it; their number."""
    announced, data = told
    declared = await unit.targets.page(None, EVERY_TARGET)
    targets = [t.name for t in declared if t.enabled and Topic.ALERTS in t.takes]
    happened = event.make_event(
        f"evt_{uuid.uuid4().hex}",
        event.FIRING if announced is alert.Change.FIRING else event.RESOLVED,
        source=source,
        subject=f"{model}/{key.version}/{key.monitor}",
        time=unit.now,
        ordering=f"alert/{key.model_id}/{key.version}/{key.segment}/{key.monitor}",
        data=data,
    )
    return len(await unit.outbox.add(happened, targets))
