"""Housekeeping of row ids: tables made ahead, dropped after the horizon, and measured."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, func, select, text, update

from app.store import tables as t
from app.store.intake import seen
from app.store.transactions.ledger import Ledger
from app.store.transactions.placing import DAY

AHEAD = 1
SPARE = 2
"""Days for which a table is kept beyond the longest horizon: clocks differ a little."""
HEAP_ROWS = 226
"""Rows of one id that fit on a page of PostgreSQL's."""
MEASURE_EVERY = timedelta(minutes=1)
MEASURED = (
    update(t.seen_day).where(t.seen_day.c.day == bindparam("of")).values(ids=bindparam("held"))
)


def keep(ledger: Ledger, limit: int) -> int:
    """Do what is due; at most ``limit`` ids are deleted one by one, and how many is returned."""
    longest = ledger.connection.execute(select(func.max(t.model.c.row_horizon))).scalar_one()
    present = {row.day for row in seen.ask_days(ledger)()}
    today = seen.day_of(ledger.now)
    wanted = set() if longest is None else set(range(today, today + AHEAD + 1))
    for day in sorted(wanted - present):
        seen.make(ledger, day)
    oldest = today + 1 if longest is None else today - longest // DAY
    _drop(ledger, {day for day in present if 0 <= day < oldest - SPARE})
    if ledger.postgres and ledger.cache.measuring_due(ledger.now, MEASURE_EVERY):
        _measure(ledger, present)
    return _prune(ledger, oldest - SPARE, limit) if seen.ARRIVAL in present else 0


def _drop(ledger: Ledger, days: set[int]) -> None:
    for day in sorted(days):
        ledger.connection.execute(text(f"drop table if exists {seen.name_of(day)}"))
        ledger.connection.execute(delete(t.seen_day).where(t.seen_day.c.day == day))


def _measure(ledger: Ledger, days: set[int]) -> None:
    """Take the size of each table for the number of its ids: to count them would take too long."""
    sizes = text(
        "select pg_relation_size(oid) / current_setting('block_size')::int * cast(:rows as bigint)"
        " as by_size, reltuples::bigint as by_vacuum from pg_class where oid = to_regclass(:name)"
    )
    for day in sorted(days):
        given = {"rows": HEAP_ROWS, "name": seen.name_of(day)}
        found = ledger.connection.execute(sizes, given).one_or_none()
        if found is not None:
            # what is pruned leaves room behind, which the size still counts
            pruned = day == seen.ARRIVAL and found.by_vacuum > 0
            ids = found.by_vacuum if pruned else found.by_size
            ledger.connection.execute(MEASURED, {"of": day, "held": ids})


def _prune(ledger: Ledger, before: int, limit: int) -> int:
    """Delete some ids of rows without a time that arrived before a day."""
    c = t.seen.c
    chosen = select(c.h).where(c.day < before).limit(limit)
    gone = ledger.connection.execute(delete(t.seen).where(c.h.in_(chosen))).rowcount
    if gone and not ledger.postgres:
        ledger.tell(seen.COUNTED, [{"of": seen.ARRIVAL, "more": -gone}])
    return gone
