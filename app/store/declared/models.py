"""Models: declared, found, hidden and removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select, update

from app.domain.model import Ground, Model, Schema, Settings, StoredGridSet, VersionRole
from app.domain.segments.segment import Plan
from app.store import tables as t
from app.store.declared import documents
from app.store.declared.references import References
from app.store.declared.versions import Versions
from app.store.transactions import locks
from app.store.transactions.removal import remove_some
from app.store.transactions.session import AnyRow


@dataclass(frozen=True)
class Models(Versions, References):
    """Models, their versions, grid sets and baselines. Deleted models are not found."""

    async def find(self, name: str) -> Model | None:
        return await self._one(_visible().where(t.model.c.name == name))

    async def ground(self, name: str) -> Ground | None:
        """A model with its active grid set and champion; every batch asks for it."""
        g, v, m = t.grid_set.c, t.version.c, t.model.c
        query = (
            select(
                t.model,
                g.id.label("set_id"),
                g.number,
                g.digest,
                g.segments.label("plan"),
                v.name.label("champion"),
                select(t.seen_key.c.key).scalar_subquery().label("row_key"),
            )
            .outerjoin(t.grid_set, g.id == m.active_grid_set_id)
            .outerjoin(t.version, (v.model_id == m.id) & (v.role == VersionRole.CHAMPION.value))
            .where(m.name == name, m.hidden_at.is_(None))
        )
        row = (await self.session.connection.execute(query)).one_or_none()
        if row is None:
            return None
        active = None
        if row.set_id is not None:
            grids = await self.grids(row.set_id, row.digest)
            plan = None if row.plan is None else Plan.unpacked(row.plan)
            active = StoredGridSet(row.set_id, row.number, grids, plan)
        row_key = None if row.row_horizon is None else bytes(row.row_key)
        return Ground(_model(row), active, row.champion, row.changed_at, row_key)

    async def by_id(self, model_id: int) -> Model | None:
        return await self._one(_visible().where(t.model.c.id == model_id))

    async def page(self, after: str | None, limit: int) -> Sequence[Model]:
        """Models by name, those after ``after``."""
        query = _visible().order_by(t.model.c.name).limit(limit)
        if after is not None:
            query = query.where(t.model.c.name > after)
        return [_model(row) for row in await self.session.connection.execute(query)]

    async def declare(
        self, name: str, settings: Settings, schema: Schema | None
    ) -> tuple[Model, bool]:
        """Create or update; True where it was created. ``schema`` None keeps the present one."""
        now = self.session.now
        self.session.redeclares()
        values: dict[str, Any] = {
            "window": settings.window,
            "lateness": settings.lateness,
            "final_after": settings.final_after,
            "strict": settings.strict,
            "row_horizon": settings.row_horizon,
            "maximum_silence": settings.maximum_silence,
            "severities": documents.severities_document(settings.severities),
            "retention": documents.retention_document(settings.retention),
            "segments": documents.segments_document(settings.segments),
        }
        if schema is not None:
            values["schema"] = documents.schema_document(schema)
        added = await self.session.connection.execute(
            self.session.insert(t.model)
            .values(name=name, created_at=now, changed_at=now, **values)
            .on_conflict_do_nothing()
            .returning(*t.model.c)
        )
        row = added.one_or_none()
        if row is not None:
            return _model(row), True
        changed = await self.session.connection.execute(
            update(t.model)
            .where(t.model.c.name == name, t.model.c.hidden_at.is_(None))
            .values(changed_at=now, **values)
            .returning(*t.model.c)
        )
        return _model(changed.one()), False

    async def hold(self, model_id: int) -> None:
        """Keep intake, closing and other changes of a model waiting until this transaction ends."""
        await locks.exclude(self.session, model_id)

    async def set_schema(self, model_id: int, schema: Schema) -> None:
        self.session.redeclares()
        await self.session.connection.execute(
            update(t.model)
            .where(t.model.c.id == model_id)
            .values(schema=documents.schema_document(schema), changed_at=self.session.now)
        )

    async def hide(self, model_id: int) -> None:
        """Free the name at once; ``purge`` removes the rest in steps."""
        self.session.redeclares()
        await locks.exclude(self.session, model_id)
        now = self.session.now
        await self.session.connection.execute(
            update(t.model).where(t.model.c.id == model_id).values(hidden_at=now, changed_at=now)
        )

    async def purge(self) -> bool:
        """Remove one bounded portion of a hidden model; False where nothing is left to remove."""
        query = (
            select(t.model.c.id)
            .where(t.model.c.hidden_at.is_not(None))
            .order_by(t.model.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        model_id = (await self.session.connection.execute(query)).scalar_one_or_none()
        if model_id is None:
            return False
        if not await remove_some(self.session, model_id):
            await self.session.connection.execute(delete(t.model).where(t.model.c.id == model_id))
        return True

    async def _one(self, query: Select[Any]) -> Model | None:
        row = (await self.session.connection.execute(query)).one_or_none()
        return _model(row) if row else None


def _visible() -> Select[Any]:
    return select(t.model).where(t.model.c.hidden_at.is_(None))


def _model(row: AnyRow) -> Model:
    return Model(
        id=row.id,
        name=row.name,
        settings=Settings(
            window=row.window,
            lateness=row.lateness,
            final_after=row.final_after,
            strict=row.strict,
            row_horizon=row.row_horizon,
            maximum_silence=row.maximum_silence,
            severities=documents.severities_of(row.severities),
            retention=documents.retention_of(row.retention),
            segments=documents.segments_of(row.segments),
        ),
        schema=None if row.schema is None else documents.schema_of(row.schema),
        active_baseline=row.active_baseline,
        created_at=row.created_at,
        removed_until=row.removed_until,
        counts_removed_until=row.counts_removed_until,
    )
