"""Monitors as they are declared: each change is a version of its own, and none is rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select, update

from app.domain.model import Model
from app.domain.monitors.by_rows import ByRows
from app.domain.monitors.frame import Frame
from app.domain.monitors.monitor import NO_FRAME, Monitor
from app.ports.monitors import Declared, Known
from app.store import tables as t
from app.store.declared import monitor_documents as documents
from app.store.transactions.session import AnyRow, Session
from app.store.windows.borders import anchor

M = t.monitor.c


@dataclass(frozen=True, slots=True)
class Monitors:
    """Declared monitors of models."""

    session: Session

    async def of(self, model_id: int) -> Sequence[Monitor]:
        """Return a model's present monitors that judge windows, by name."""
        query = _present(model_id).where(M.frame != NO_FRAME).order_by(M.name)
        rows = await self.session.connection.execute(query)
        return [_monitor(row) for row in rows]

    async def page(self, model_id: int, after: str | None, limit: int) -> Sequence[Declared]:
        """Return present monitors by name, those after ``after``."""
        query = _present(model_id).order_by(M.name).limit(limit)
        if after is not None:
            query = query.where(M.name > after)
        return [_declared(row) for row in await self.session.connection.execute(query)]

    async def get(self, model_id: int, name: str) -> Declared | None:
        """Return a present monitor."""
        rows = await self.session.connection.execute(_present(model_id).where(M.name == name))
        row = rows.one_or_none()
        return None if row is None else _declared(row)

    async def frame_of(self, model_id: int, name: str) -> str | None:
        """Return a monitor's frame, also of one that was deleted; None: there never was one."""
        found = await self.known(model_id, name)
        return None if found is None else found.frame

    async def known(self, model_id: int, name: str) -> Known | None:
        """Return what was declared last under a name, also of a monitor that was deleted."""
        query = (
            select(t.monitor)
            .where(M.model_id == model_id, M.name == name)
            .order_by(M.version.desc())
            .limit(1)
        )
        row = (await self.session.connection.execute(query)).one_or_none()
        return None if row is None else Known(_monitor(row), row.frame, row.retired_at)

    async def put(self, model: Model, monitor: Monitor) -> Declared:
        """Declare a monitor under the next version; the present one, if any, is retired."""
        await self.retire(model.id, monitor.name)
        newest = select(func.max(M.version)).where(M.model_id == model.id, M.name == monitor.name)
        last = (await self.session.connection.execute(newest)).scalar_one()
        made = await self.session.connection.execute(
            t.monitor.insert()
            .values(
                model_id=model.id,
                name=monitor.name,
                version=(last or 0) + 1,
                frame=monitor.frame_name(model.settings.window),
                declaration=documents.monitor_document(monitor),
                created_at=self.session.now,
            )
            .returning(t.monitor)
        )
        return _declared(made.one())

    async def add_missing(self, model: Model, usual: Sequence[Monitor]) -> None:
        """Declare those of which there was never one of that name."""
        for monitor in usual:
            known = select(exists().where(M.model_id == model.id, M.name == monitor.name))
            if not (await self.session.connection.execute(known)).scalar_one():
                await self.put(model, monitor)

    async def refit(self, model: Model) -> None:
        """Have intake open the windows that present monitors judge, and no others.

        It reads the frames with the model; who remembers the model as it was is turned away.
        """
        own, frames = model.settings.window, set[Frame | ByRows]()
        for monitor in await self.of(model.id):
            await self._place(model.id, monitor.name, monitor.frame_name(own))
            if monitor.enabled and (frame := monitor.frame(own)) is not None:
                frames.add(frame)
        c, document = t.model.c, documents.frames_document(frames)
        query = select(c.frames).where(c.id == model.id)
        before = (await self.session.connection.execute(query)).scalar_one()
        asked = [one for one in frames if isinstance(one, ByRows)]
        await anchor(self.session, model.id, asked, documents.by_rows_of(before))
        if before == document:
            return
        self.session.redeclares()
        values = {"frames": document, "changed_at": self.session.now}
        await self.session.connection.execute(
            update(t.model).where(c.id == model.id).values(values)
        )

    async def _place(self, model_id: int, name: str, frame: str) -> None:
        await self.session.connection.execute(
            update(t.monitor)
            .where(M.model_id == model_id, M.name == name, M.retired_at.is_(None))
            .where(M.frame != frame)
            .values(frame=frame)
        )

    async def retire(self, model_id: int, name: str) -> bool:
        """Ask no more; False where there is no such monitor."""
        retired = await self.session.connection.execute(
            update(t.monitor)
            .where(M.model_id == model_id, M.name == name, M.retired_at.is_(None))
            .values(retired_at=self.session.now)
        )
        return retired.rowcount > 0


def _present(model_id: int) -> Select[Any]:
    return select(t.monitor).where(M.model_id == model_id, M.retired_at.is_(None))


def _monitor(row: AnyRow) -> Monitor:
    return documents.monitor_of(row.name, row.version, row.declaration)


def _declared(row: AnyRow) -> Declared:
    return Declared(_monitor(row), row.created_at)
