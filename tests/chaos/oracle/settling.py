"""Whether everything that was begun has been done, asked of the database past every proxy."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, or_, select, update

from app.store import tables as t
from app.store.connections.engine import is_sqlite, parse

BEFORE_THE_LAST = timedelta(hours=1)
"""Windows that end so much before a model's last one must have closed."""
PENDING = "pending"


def open_engine(url: str) -> Engine:
    """Return connections of our own."""
    known = parse(url)
    if is_sqlite(known):
        return create_engine(known.set(drivername="sqlite"))
    options = {"prepare_threshold": None, "connect_timeout": 4}
    return create_engine(known, connect_args=options, pool_pre_ping=True)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that sees the database as it was at one moment."""
    postgres = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        if postgres:
            yield connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.exec_driver_sql("BEGIN")  # the driver begins none for reading
            yield connection


def unsettled(connection: Connection, objects: int) -> dict[str, int]:
    """Return how much is still to be done, by what it is; so many ``objects`` were put."""
    done = select(func.count()).select_from(t.source_object)
    return {
        "objects": objects
        - _count(connection, done.where(t.source_object.c.state.in_(("counted", "quarantined")))),
        "windows that should have closed": _open_too_long(connection),
        "restatements": _count(connection, select(func.count()).select_from(t.restatement)),
        "deliveries": _count(
            connection,
            select(func.count()).select_from(t.delivery).where(t.delivery.c.state == PENDING),
        ),
    }


def hasten(connection: Connection, now: datetime) -> None:
    """Let the time pass that leases and the schedules of tries would take."""
    c = t.delivery.c
    waiting = or_(c.due_at > now, c.leased_until.is_not(None))
    connection.execute(
        update(t.delivery).where(c.state == PENDING, waiting).values(leased_until=None, due_at=now)
    )
    o = t.source_object.c
    free = or_(o.leased_until.is_(None), o.leased_until <= now)
    connection.execute(
        update(t.source_object).where(o.done_at.is_(None), free, o.due_at > now).values(due_at=now)
    )
    connection.commit()


def release(connection: Connection) -> None:
    """Let the leases end of listings that a killed replica left behind."""
    connection.execute(update(t.source).values(look_until=None, look_holder=None))
    connection.commit()


def _open_too_long(connection: Connection) -> int:
    c = t.window.c
    ends: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in connection.execute(select(c.model_id, c.end_at, c.closed_at)):
        ends[row.model_id].append((row.end_at, row.closed_at is not None))
    return sum(
        not closed and end <= max(several)[0] - BEFORE_THE_LAST
        for several in ends.values()
        for end, closed in several
    )


def _count(connection: Connection, query: Any) -> int:
    return int(connection.execute(query).scalar_one())
