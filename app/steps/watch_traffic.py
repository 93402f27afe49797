"""Each model's traffic is looked at once a minute; a silence that is none of its own is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.domain.alerts import alert, traffic
from app.domain.alerts.alert import AlertKey, AlertState, Reason, Step
from app.domain.alerts.silence import silence_data
from app.domain.alerts.traffic import HISTORY, LOOK, Seen, Silence
from app.domain.model import WHOLE
from app.domain.monitors.monitor import ALL_VERSIONS, TRAFFIC, TRAFFIC_MONITOR, Monitor
from app.ports import Store, Unit
from app.ports.traffic import Watched
from app.steps.announce import announce

# a loop that comes by once a minute must not miss every second turn by a moment
EARLY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Told:
    """A model whose traffic stopped or came back."""

    model: str
    change: alert.Change
    deliveries: int


@dataclass(frozen=True, slots=True)
class TrafficWatch:
    """The use case, with what it needs to know about this installation."""

    store: Store
    event_source: str

    async def once(self, beat: Callable[[], None] = lambda: None) -> list[Told]:
        """Look at every model that is due; any replica may, and one of them does."""
        async with self.store.read() as unit:
            due = await unit.traffic.due(unit.now - LOOK + EARLY)
        told: list[Told] = []
        for watched in due:
            beat()
            async with self.store.write() as unit:
                one = await self._look(unit, watched)
            told += [one] if one else []
        return told

    async def _look(self, unit: Unit, watched: Watched) -> Told | None:
        key = AlertKey(watched.model_id, ALL_VERSIONS, WHOLE, TRAFFIC_MONITOR, unit.now)
        present = await unit.alerts.present(key)
        alarmed = present is not None and present.state is AlertState.FIRING
        seen = traffic.look(watched.mark, watched.total, unit.now, alarmed=alarmed)
        if not await unit.traffic.note(watched.model_id, watched.mark, seen):
            return None
        if alarmed:
            return await self._back(unit, watched, key, seen)
        silence = await self._silence(unit, watched, seen)
        return None if silence is None else await self._silent(unit, watched, key, silence)

    async def _silence(self, unit: Unit, watched: Watched, seen: Seen) -> Silence | None:
        """Return a silence that is to be told; where nobody asks, it is only learned."""
        arrived = seen.mark.arrived_at
        if arrived is None or arrived == unit.now:
            return None
        await unit.models.hold(watched.model_id)  # who switches the monitor off resolves its alert
        monitor = await _monitor(unit, watched)
        if monitor is None or not monitor.asks:
            return None
        limit = monitor.maximum_silence or watched.limit
        hours = await unit.traffic.hours(watched.model_id, arrived - HISTORY, arrived)
        return traffic.judge(seen.mark, hours, unit.now, limit)

    async def _silent(self, unit: Unit, watched: Watched, key: AlertKey, silence: Silence) -> Told:
        step = Step(unit.now, 0, AlertState.FIRING, Reason.SILENT, 0, silence.since)
        await unit.alerts.replace(key, [step], ())
        return await self._tell(unit, watched, key, alert.Change.FIRING, silence, step)

    async def _back(self, unit: Unit, watched: Watched, key: AlertKey, seen: Seen) -> Told | None:
        if seen.mark.arrived_at != unit.now:
            return None
        step = Step(unit.now, 0, AlertState.RESOLVED, Reason.ROWS_ARRIVED, 0, unit.now)
        await unit.alerts.replace(key, [step], ())
        before = watched.mark.arrived_at if watched.mark else None
        silence = Silence(before or unit.now, unit.now, None, None, None)
        return await self._tell(unit, watched, key, alert.Change.RESOLVED, silence, step)

    async def _tell(
        self,
        unit: Unit,
        watched: Watched,
        key: AlertKey,
        change: alert.Change,
        silence: Silence,
        step: Step,
    ) -> Told:
        monitor = await _monitor(unit, watched) or TRAFFIC
        severity = monitor.grave(watched.severities)
        told = change, silence_data(watched.name, severity, change, step, silence)
        source, only = self.event_source, monitor.targets
        made = await announce(unit, source, watched.name, key, told, only)
        return Told(watched.name, change, made)


async def _monitor(unit: Unit, watched: Watched) -> Monitor | None:
    declared = await unit.monitors.get(watched.model_id, TRAFFIC_MONITOR)
    return declared.monitor if declared else None
