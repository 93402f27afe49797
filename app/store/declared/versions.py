"""Versions of models: rows to values and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from app.domain.model import Version, VersionRole
from app.store import tables as t
from app.store.transactions.session import AnyRow, Ledger, Session


@dataclass(frozen=True)
class Versions:
    """The part of the models' store that knows versions."""

    session: Session

    async def versions(self, model_id: int) -> Sequence[Version]:
        c = t.version.c
        query = select(t.version).where(c.model_id == model_id).order_by(c.created_at, c.name)
        return [_version(row) for row in await self.session.connection.execute(query)]

    async def champion(self, model_id: int) -> Version | None:
        c = t.version.c
        query = select(t.version).where(
            c.model_id == model_id, c.role == VersionRole.CHAMPION.value
        )
        row = (await self.session.connection.execute(query)).one_or_none()
        return _version(row) if row else None

    async def ensure_version(self, model_id: int, name: str) -> Version:
        """Return it; create it where unknown: a model's first is champion, others shadow."""
        return await self.session.run(ensure, model_id, name)

    async def put_version(
        self, model_id: int, name: str, role: VersionRole, lineage: Mapping[str, object]
    ) -> tuple[Version, bool]:
        """Set role and lineage; a new champion turns the old one into a challenger."""
        now, table = self.session.now, t.version
        self.session.redeclares()
        # rows that name no version belong to the champion: what was counted before is counted again
        await self.session.connection.execute(
            update(t.model).where(t.model.c.id == model_id).values(changed_at=now)
        )
        if role is VersionRole.CHAMPION:
            await self.session.connection.execute(
                update(table)
                .where(
                    table.c.model_id == model_id,
                    table.c.role == VersionRole.CHAMPION.value,
                    table.c.name != name,
                )
                .values(role=VersionRole.CHALLENGER.value, changed_at=now)
            )
        created = await self._version(model_id, name) is None
        values = {"role": role.value, "lineage": dict(lineage), "changed_at": now}
        await self.session.connection.execute(
            self.session.insert(table)
            .values(model_id=model_id, name=name, created_at=now, **values)
            .on_conflict_do_update(index_elements=[table.c.model_id, table.c.name], set_=values)
        )
        found = await self._version(model_id, name)
        assert found is not None  # noqa: S101  it was written above
        return found, created

    async def _version(self, model_id: int, name: str) -> Version | None:
        c = t.version.c
        query = select(t.version).where(c.model_id == model_id, c.name == name)
        row = (await self.session.connection.execute(query)).one_or_none()
        return _version(row) if row else None


def ensure(ledger: Ledger, model_id: int, name: str) -> Version:
    """Return a version; create it where unknown: a model's first is champion, others shadow."""
    found = _found(ledger, model_id, name)
    if found is None:
        first = not ledger.rows(select(t.version.c.name).where(t.version.c.model_id == model_id))
        _add(ledger, model_id, name, VersionRole.CHAMPION if first else VersionRole.SHADOW)
        found = _found(ledger, model_id, name)
    if found is None:
        # another process made the first one at this moment
        _add(ledger, model_id, name, VersionRole.SHADOW)
        found = _found(ledger, model_id, name)
    assert found is not None  # noqa: S101  it was inserted, or another process did
    return found


def _found(ledger: Ledger, model_id: int, name: str) -> Version | None:
    c = t.version.c
    rows = ledger.rows(select(t.version).where(c.model_id == model_id, c.name == name))
    return _version(rows[0]) if rows else None


def _add(ledger: Ledger, model_id: int, name: str, role: VersionRole) -> None:
    ledger.connection.execute(
        ledger.insert(t.version)
        .values(
            model_id=model_id,
            name=name,
            role=role.value,
            lineage={},
            created_at=ledger.now,
            changed_at=ledger.now,
        )
        .on_conflict_do_nothing()
    )


def _version(row: AnyRow) -> Version:
    return Version(row.name, VersionRole(row.role), row.lineage, row.created_at)
