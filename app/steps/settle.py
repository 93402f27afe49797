"""What changed in one look of a monitor is told in one message, once all of the look is judged."""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.alerts import event
from app.domain.alerts.alert import AlertKey, AlertState, Change
from app.domain.alerts.group import GroupKey, settle
from app.domain.alerts.group_message import group_data
from app.domain.model import WHOLE, Model
from app.domain.monitors.monitor import ALL_VERSIONS, Monitor, severity_of
from app.domain.verdicts.judgement import WindowKey
from app.ports import Unit
from app.ports.alerts import Awake
from app.steps.announce import announce
from app.steps.ask_retraining import Retrainer


@dataclass(frozen=True, slots=True)
class Announced:
    """What the world is told of a monitor's alerts."""

    monitor: str
    change: Change
    deliveries: int


async def settle_look(
    unit: Unit, source: str, model: Model, window: WindowKey
) -> tuple[Announced, ...]:
    """Tell what a look brought, if this was the last of its windows to be judged.

    Whoever calls it keeps other closers of the version waiting, so one of them is the last. What
    also has news of a look that is not complete is left to that: late rows of one window are
    judged between the windows of another.
    """
    unsettled = set(await unit.alerts.unsettled(model.id, window.version))
    if not unsettled or await unit.alerts.awaited(window, {window.start}):
        return ()
    own = model.settings.window
    told: list[Announced] = []
    for monitor in await unit.monitors.of(model.id):
        if monitor.name not in unsettled or monitor.frame_name(own) != window.frame:
            continue
        key = GroupKey(model.id, window.version, monitor.name)
        if not await unit.alerts.awaited(window, await unit.alerts.origins(key)):
            told += [one] if (one := await settle_group(unit, source, model, key)) else []
    return tuple(told)


async def settle_group(unit: Unit, source: str, model: Model, key: GroupKey) -> Announced | None:
    """Tell how a group is now, where the world does not know it yet."""
    settled = settle(await unit.alerts.members(key))
    await unit.alerts.settled(key)
    change = settled.outcome.change
    if change is None:
        return None
    lead, data = settled.changed[0], group_data(settled)
    monitor = await _monitor(unit, model, key.monitor)
    only = monitor.targets if monitor else None
    named = AlertKey(key.model_id, key.version, WHOLE, key.monitor, unit.now)
    made = await announce(unit, source, model.name, named, (change, data), only)
    if change is Change.FIRING and monitor is not None:
        made += await Retrainer(source).on_firing(unit, model, monitor, lead.alert_id, data)
    if change is Change.RESOLVED:
        await unit.retrainings.leave(key)
    return Announced(key.monitor, change, made)


async def resolve_all(
    unit: Unit,
    source: str,
    model: Model,
    chosen: Callable[[AlertKey], bool],
    reason: str,
    *,
    bar: bool = True,
) -> None:
    """Resolve alerts for a reason that lies in no window, and say so once for each group.

    Late rows of windows that are closed by now bring none of them back, unless ``bar`` is false.
    """
    awake = [one for one in await unit.alerts.awake(model.id) if chosen(one.key)]
    for one in awake:
        await _resolve(unit, source, model, one, reason)
    groups = {GroupKey(model.id, one.key.version, one.key.monitor) for one in awake}
    for key in sorted(key for key in groups if key.version != ALL_VERSIONS):
        if bar:
            await bar_group(unit, model, key)
        await settle_group(unit, source, model, key)


async def bar_group(unit: Unit, model: Model, key: GroupKey) -> None:
    """Have windows that are closed by now give a monitor's alerts no reason to fire."""
    monitor = await _monitor(unit, model, key.monitor)
    if monitor is not None:
        frame = monitor.frame_name(model.settings.window)
        await unit.alerts.bar(key, frame, apart=monitor.rows is not None)


async def _resolve(unit: Unit, source: str, model: Model, awake: Awake, reason: str) -> None:
    key, fired = awake.key, awake.state is AlertState.FIRING
    if awake.state not in (AlertState.FIRING, AlertState.PENDING):
        return  # it did so itself, and has only to be told of
    await unit.alerts.resolve(awake.id, reason, fired=fired)
    if not fired:
        return
    monitor = await _monitor(unit, model, key.monitor)
    own = monitor.severity if monitor else None
    severity = severity_of(key.monitor, model.settings.severities, own)
    data = {
        "model": model.name,
        "version": key.version,
        "segment": key.segment,
        "monitor": key.monitor,
        "severity": severity.value,
        "state": Change.RESOLVED.value,
        "reason": reason,
        "window": {"start": event.rfc3339(key.start)},
    }
    if key.version == ALL_VERSIONS:
        only = monitor.targets if monitor else None
        await announce(unit, source, model.name, key, (Change.RESOLVED, data), only)
        return
    await unit.alerts.note(awake.id, data)


async def _monitor(unit: Unit, model: Model, name: str) -> Monitor | None:
    declared = await unit.monitors.get(model.id, name)
    return declared.monitor if declared else None
