"""What a model received and what became of it, by all tables that know, at one moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, case, func, select

from app.domain.conservation import Balance
from app.domain.model import WHOLE
from app.store import tables as t
from app.store.transactions.session import AnyRow, Session

RESULTS = ("received", "counted", "duplicate", "late", "rejected")
T, R, D, S = t.tally.c, t.receipt.c, t.delta.c, t.series.c
TALLIES = select(T.model_id, *(func.sum(T[name]).label(name) for name in RESULTS)).group_by(
    T.model_id
)
ADDS_UP = R.received == R.counted + R.duplicate + R.late + R.rejected
RECEIPTS = select(
    R.model_id,
    func.sum(R.counted).label("counted"),
    func.sum(case((ADDS_UP, 0), else_=1)).label("unbalanced"),
).group_by(R.model_id)
HELD = (
    select(S.model_id, func.sum(D.rows).label("rows"))
    .join(t.series, S.id == D.series_id)
    .where(S.segment == WHOLE)
    .group_by(S.model_id)
)


async def balances(session: Session) -> Sequence[Balance]:
    """Return the balance of every model that was not deleted."""
    c = t.model.c
    models = select(c.id, c.name, c.removed_rows).where(c.hidden_at.is_(None)).order_by(c.name)
    rows = (await session.connection.execute(models)).all()
    tallies, receipts, held = [await _by_model(session, q) for q in (TALLIES, RECEIPTS, HELD)]
    return [
        Balance(
            model=row.name,
            **{name: _number(tallies.get(row.id), name) for name in RESULTS},
            receipts=_number(receipts.get(row.id), "counted"),
            unbalanced=_number(receipts.get(row.id), "unbalanced"),
            held=_number(held.get(row.id), "rows"),
            removed=int(row.removed_rows),
        )
        for row in rows
    ]


async def _by_model(session: Session, query: Select[Any]) -> Mapping[int, AnyRow]:
    return {row.model_id: row for row in await session.connection.execute(query)}


def _number(row: AnyRow | None, name: str) -> int:
    return 0 if row is None else int(getattr(row, name) or 0)
