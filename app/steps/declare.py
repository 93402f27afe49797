"""Models and versions are declared (idempotently) and removed."""

from collections.abc import Mapping

from app.domain.alerts import alert, event
from app.domain.alerts.alert import AlertKey
from app.domain.declaration import (
    check_row_identity,
    check_schema_change,
    check_window_change,
)
from app.domain.errors import NotFound
from app.domain.model import WHOLE, Model, Schema, Settings, Version, VersionRole
from app.domain.monitors.monitor import ALL_VERSIONS, severity_of
from app.domain.segments.checks import check_segments
from app.ports import Store, Unit
from app.steps.close import announce
from app.steps.segments import counted_segments

NOBODY = "leeway"
"""The source of events where nobody names this installation."""


async def find(unit: Unit, name: str) -> Model:
    """Return a model by name.

    Raises
    ------
    NotFound
        There is none, or it was deleted.
    """
    model = await unit.models.find(name)
    if model is None:
        raise NotFound(f"there is no model {name!r}")
    return model


async def declare_model(
    store: Store, name: str, settings: Settings, schema: Schema | None, event_source: str = NOBODY
) -> tuple[Model, bool]:
    """Create or update a model; True where it was created.

    Alerts of segments that are not declared any more resolve.

    Raises
    ------
    Conflict
        The change would make stored counts unreadable.
    Invalid
        Each row is to be counted once, and no column tells rows apart; or rows are to be divided
        by columns that cannot.
    """
    async with store.write() as unit:
        present = await unit.models.find(name)
        if present is not None:
            await unit.models.hold(present.id)
            present = await unit.models.find(name)  # as nobody else changes it from now on
        if present is not None:
            check_schema_change(present, schema)
            check_window_change(present, settings, await unit.windows.any(present.id))
        columns = schema or (present.schema if present else None)
        check_row_identity(settings, columns)
        check_segments(settings.segments, columns)
        model, created = await unit.models.declare(name, settings, schema)
        await unit.monitors.refit(model)
        await resolve_uncounted(unit, event_source, model)
        return model, created


async def put_version(
    store: Store,
    event_source: str,
    names: tuple[str, str],
    role: VersionRole,
    lineage: Mapping[str, object],
) -> tuple[Version, bool]:
    """Set the role and lineage of (model, version); a version that steps down stops alerting."""
    async with store.write() as unit:
        model = await find(unit, names[0])
        await unit.models.hold(model.id)  # a window that closes now may fire for the old champion
        version, created = await unit.models.put_version(model.id, names[1], role, lineage)
        await resolve_not_champion(unit, event_source, model)
        return version, created


async def resolve_not_champion(unit: Unit, event_source: str, model: Model) -> None:
    """Resolve the alerts of versions that are not champion (any more)."""
    champion = await unit.models.champion(model.id)
    for alert_id, key in await unit.alerts.firing(model.id):
        if key.version not in (ALL_VERSIONS, champion.name if champion else None):
            await resolve(unit, event_source, model, (alert_id, key), "not_champion")


async def resolve_uncounted(unit: Unit, event_source: str, model: Model) -> None:
    """Resolve the alerts of segments that are not counted any more: no window ever would."""
    firing = [one for one in await unit.alerts.firing(model.id) if one[1].segment != WHOLE]
    if not firing:
        return
    counted = await counted_segments(unit, model)
    for alert_id, key in firing:
        if key.segment not in counted:
            await resolve(unit, event_source, model, (alert_id, key), "segment_gone")


async def remove_model(store: Store, event_source: str, name: str) -> None:
    """Hide a model at once; its open alerts resolve and say so; the rest goes in steps."""
    async with store.write() as unit:
        model = await find(unit, name)
        await unit.models.hide(model.id)
        for firing in await unit.alerts.firing(model.id):
            await resolve(unit, event_source, model, firing, "model_deleted")
        await unit.retrainings.recall_all(model.id)


async def resolve(
    unit: Unit, source: str, model: Model, firing: tuple[int, AlertKey], reason: str
) -> None:
    """Resolve an alert for a reason that lies in no window, and say so."""
    alert_id, key = firing
    await unit.alerts.resolve(alert_id, reason)
    declared = await unit.monitors.get(model.id, key.monitor)
    monitor = declared.monitor if declared else None
    severity = monitor.severity if monitor else severity_of(key.monitor)
    data = {
        "model": model.name,
        "version": key.version,
        "segment": key.segment,
        "monitor": key.monitor,
        "severity": severity.value,
        "state": alert.Change.RESOLVED.value,
        "reason": reason,
        "window": {"start": event.rfc3339(key.start)},
    }
    only = monitor.targets if monitor else None
    await announce(unit, source, model.name, key, (alert.Change.RESOLVED, data), only)
