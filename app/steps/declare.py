"""Models and versions are declared (idempotently) and removed."""

from collections.abc import Mapping

from app.domain.alerts.group import GroupKey
from app.domain.declaration import (
    check_row_identity,
    check_schema_change,
    check_window_change,
)
from app.domain.errors import no_model
from app.domain.model import WHOLE, Model, Schema, Settings, Version, VersionRole
from app.domain.monitors.monitor import ALL_VERSIONS
from app.domain.segments.checks import check_segments
from app.ports import Store, Unit
from app.steps.segments import counted_segments
from app.steps.settle import bar_group, resolve_all

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
        raise no_model(name)
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
        before = await unit.models.champion(model.id)
        version, created = await unit.models.put_version(model.id, names[1], role, lineage)
        await crown(unit, event_source, model, before)
        return version, created


async def crown(unit: Unit, event_source: str, model: Model, before: Version | None) -> None:
    """Resolve the alerts of versions that are not champion (any more).

    A new champion, or one trained anew (``before`` None), pages about windows from now on only,
    and its drift is a new one.
    """
    champion = await unit.models.champion(model.id)
    name = champion.name if champion else None
    await resolve_all(
        unit,
        event_source,
        model,
        lambda key: key.version not in (ALL_VERSIONS, name),
        "not_champion",
    )
    if name is None or (before is not None and before.name == name):
        return
    await unit.retrainings.forget(model.id)
    for monitor in await unit.monitors.of(model.id):
        if monitor.asks:
            await bar_group(unit, model, GroupKey(model.id, name, monitor.name))


async def resolve_uncounted(unit: Unit, event_source: str, model: Model) -> None:
    """Resolve the alerts of segments that are not counted any more: no window ever would."""
    if all(one.key.segment == WHOLE for one in await unit.alerts.awake(model.id)):
        return
    counted = await counted_segments(unit, model) | {WHOLE}
    # what comes of them again is counted on another grid set, and their old windows are on two
    await resolve_all(
        unit,
        event_source,
        model,
        lambda key: key.segment not in counted,
        "segment_gone",
        bar=False,
    )


async def remove_model(store: Store, event_source: str, name: str) -> None:
    """Hide a model at once; its open alerts resolve and say so; the rest goes in steps."""
    async with store.write() as unit:
        model = await find(unit, name)
        await unit.models.hide(model.id)
        await resolve_all(unit, event_source, model, lambda _: True, "model_deleted")
        await unit.retrainings.recall_all(model.id)
