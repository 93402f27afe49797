"""Monitors are declared and deleted; alerts that nobody asks about any more resolve and say so."""

from dataclasses import replace

from app.domain.alerts.group import GroupKey
from app.domain.errors import Conflict, Fault, Invalid, NotFound
from app.domain.model import Model
from app.domain.monitors.checks import MOST_MONITORS, check_monitor
from app.domain.monitors.frame import MOST_FRAMES
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.ports import Store, Unit
from app.ports.monitors import Declared
from app.steps.declare import find
from app.steps.settle import bar_group, resolve_all

IN_USE = "monitor-in-use"


async def declare_monitor(
    store: Store, event_source: str, model_name: str, monitor: Monitor
) -> tuple[Declared, bool]:
    """Declare a monitor; True where there was none. The same declaration changes nothing.

    A change makes a new version, which judges from now on; what was said before stays.

    Raises
    ------
    NotFound, Invalid, Conflict
        There is no such model, it cannot be asked this, or it is asked too much already.
    """
    async with store.write() as unit:
        model = await find(unit, model_name)
        await unit.models.hold(model.id)  # a window that closes now may fire for the old version
        model = await find(unit, model_name)
        check_monitor(monitor, model)
        await _check_targets(unit, monitor)
        present = await unit.monitors.get(model.id, monitor.name)
        if present is not None and _same(present.monitor, monitor):
            return present, False
        if monitor.kind is not MonitorKind.TRAFFIC:
            await _check_room(unit, model, monitor, new=present is None)
        if not monitor.asks:
            await _resolve(unit, event_source, model, monitor.name, "monitor_disabled")
        declared = await unit.monitors.put(model, monitor)
        if monitor.kind is not MonitorKind.TRAFFIC:
            await unit.monitors.refit(model)
            await _begin(unit, model, present.monitor if present else None, monitor)
        return declared, present is None


async def delete_monitor(store: Store, event_source: str, model_name: str, name: str) -> None:
    """Ask no more; its alerts resolve and say so, and what it said stays.

    Raises
    ------
    NotFound
        There is no such model or monitor.
    Conflict
        The model's retraining policy names it: it would wait for this monitor for good.
    """
    async with store.write() as unit:
        model = await find(unit, model_name)
        await unit.models.hold(model.id)
        if await unit.monitors.get(model.id, name) is None:
            raise missing(model_name, name)
        policy = await unit.retrainings.policy(model.id)
        if policy is not None and name in (policy.monitors or ()):
            raise Conflict(
                f"the retraining policy of {model_name} names monitor {name!r}: declare it without "
                "that monitor first, or switch the monitor off with `enabled: false`",
                code=IN_USE,
            )
        await _resolve(unit, event_source, model, name, "monitor_deleted")
        await unit.monitors.retire(model.id, name)
        await unit.monitors.refit(model)


def missing(model: str, name: str) -> NotFound:
    return NotFound(f"model {model!r} has no monitor {name!r}")


def _same(present: Monitor, declared: Monitor) -> bool:
    return present == replace(declared, version=present.version)


async def _check_targets(unit: Unit, monitor: Monitor) -> None:
    named = monitor.targets or ()
    there = await unit.targets.hold(named)
    unknown = [
        Fault("there is no such target", f"/targets/{index}")
        for index, name in enumerate(named)
        if name not in there
    ]
    if unknown:
        raise Invalid("the monitor cannot be used", tuple(unknown))


async def _check_room(unit: Unit, model: Model, monitor: Monitor, *, new: bool) -> None:
    own, every = model.settings.window, await unit.monitors.of(model.id)
    if new and len(every) >= MOST_MONITORS:
        raise Conflict(f"a model has at most {MOST_MONITORS} monitors", code="too-many")
    others = (one for one in every if one.name != monitor.name)
    frames = {one.frame(own) for one in (*others, monitor)} - {None}
    if len(frames) > MOST_FRAMES:
        detail = f"a model has at most {MOST_FRAMES} kinds of windows beside its own"
        raise Conflict(detail, code="too-many")


async def _resolve(unit: Unit, source: str, model: Model, name: str, reason: str) -> None:
    await resolve_all(unit, source, model, lambda key: key.monitor == name, reason)


async def _begin(unit: Unit, model: Model, before: Monitor | None, now: Monitor) -> None:
    """Have a monitor that begins to page, or changes its frame, page about windows from now on."""
    own = model.settings.window
    paged = before is not None and before.asks
    same_frame = before is not None and before.frame_name(own) == now.frame_name(own)
    champion = await unit.models.champion(model.id)
    if champion is not None and now.asks and not (paged and same_frame):
        await bar_group(unit, model, GroupKey(model.id, champion.name, now.name))
