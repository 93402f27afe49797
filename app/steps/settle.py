"""What changed in one look of a monitor is told in one message, once all of the look is judged."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.alerts.alert import AlertKey, AlertState, Change, Reason, Step
from app.domain.alerts.group import GroupKey, settle
from app.domain.alerts.group_message import group_data
from app.domain.model import WHOLE, Model
from app.domain.monitors.monitor import ALL_VERSIONS, Monitor, severity_of
from app.domain.telling.reports import WindowQuery, WindowReport
from app.domain.verdicts.ended import Ended, window_data
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
    monitor = await _monitor(unit, model, key.monitor)
    own = monitor.severity if monitor else None
    severity = severity_of(key.monitor, model.settings.severities, own)
    if key.version == ALL_VERSIONS:
        ended = Ended(model.name, key, severity, reason, unit.now)
        await _end_now(unit, awake, reason)
        told, only = (Change.RESOLVED, ended.data()), monitor.targets if monitor else None
        await announce(unit, source, model.name, key, told, only)
        return
    was = await unit.alerts.present(key)
    await unit.alerts.resolve(awake.id, reason, fired=fired)
    if not fired:
        return
    report = await _last_window(unit, model, key, monitor)
    heads = await unit.models.baseline_heads(model.id) if report else ()
    held = (one.fingerprint for one in heads if report and one.number == report.summary.baseline)
    ended = Ended(model.name, key, severity, reason, key.start)
    data = window_data(ended, report, next(held, None), was.worst if was else ())
    await unit.alerts.note(awake.id, data)


async def _end_now(unit: Unit, awake: Awake, reason: str) -> None:
    """End an alert that looks at no windows: this moment is a step of its own."""
    key, now = replace(awake.key, start=unit.now), unit.now
    step = Step(now, 0, AlertState.RESOLVED, Reason.CLEARED, 0, now)
    await unit.alerts.replace(key, [step], ())
    await unit.alerts.resolve(awake.id, reason)


async def _last_window(
    unit: Unit, model: Model, key: AlertKey, monitor: Monitor | None
) -> WindowReport | None:
    """Return what a monitor said of the window that its alert looked at last."""
    if monitor is None:
        return None
    frame = monitor.frame_name(model.settings.window)
    asked = WindowQuery(model.id, key.version, key.segment, key.monitor, frame=frame)
    return await unit.views.window(asked, key.start)


async def _monitor(unit: Unit, model: Model, name: str) -> Monitor | None:
    declared = await unit.monitors.get(model.id, name)
    return declared.monitor if declared else None
