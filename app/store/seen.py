"""Rows that are counted once: hashes of their ids, in one table a day that is dropped whole.

Hashes go in sorted and after the receipts, in every transaction alike: two that bring the same
rows wait for each other and cannot block each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import TextClause, bindparam, select, text, update

from app.domain.batch import CountVector, Identified
from app.store import tables as t
from app.store.bigints import Bigints
from app.store.ledger import Answer, Ledger
from app.store.placing import DAY
from app.store.types import EPOCH

Mask = npt.NDArray[np.bool_]

ARRIVAL = -1
"""Stands for the one table of rows without a time of their own: an id may come on any day."""
FIRST = date(1970, 1, 1)
MAKING = 1_830_451
"""Key of the advisory lock under which tables are made: two at once would collide."""
DAYS = select(t.seen_day.c.day, t.seen_day.c.ids)
COUNTED = (
    update(t.seen_day)
    .where(t.seen_day.c.day == bindparam("of"))
    .values(ids=t.seen_day.c.ids + bindparam("more"))
)


REMEMBER = (
    "with given as materialized (select unnest(cast(:h as bigint[])) as h),"
    " fresh as (INTO select h VALUES from given on conflict do nothing returning h)"
    " select given.h from given left join fresh on fresh.h = given.h where fresh.h is null"
)
REMEMBER_SQLITE = (
    "INTO select value VALUES from json_each(:h) where true on conflict do nothing returning h"
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one batch that are to be counted, if they were not before."""

    identified: Identified
    starts: Sequence[datetime]
    """Of the batch's panes."""
    wanted: CountVector
    """Numbers of the rows, ascending."""


def day_of(moment: datetime) -> int:
    """Return the number of a day since 1970."""
    return (moment - EPOCH) // DAY


def name_of(day: int) -> str:
    return "seen" if day == ARRIVAL else f"seen_{FIRST + timedelta(days=day):%Y%m%d}"


def ask_days(ledger: Ledger) -> Answer:
    """Ask which tables there are, and about how many ids each holds."""
    return ledger.ask(DAYS, {})


def first_time(
    ledger: Ledger, batches: Sequence[Rows], present: Iterable[int]
) -> list[CountVector]:
    """Remember rows, and return of each batch those that nobody had remembered before.

    Of a row that stands twice in these batches the first is taken.
    """
    if not batches:
        return []
    hashes = np.concatenate([rows.identified.hashes[rows.wanted] for rows in batches])
    days = np.concatenate([_days(rows) for rows in batches])
    fresh = np.zeros(hashes.size, np.bool_)
    needed = np.unique(days).tolist()
    for day in sorted(set(needed) - set(present)):
        make(ledger, day)
    for day in needed:
        places = np.flatnonzero(days == day)
        distinct, first = np.unique(hashes[places], return_index=True)
        known = _remember(ledger, day, distinct)
        fresh[places[first[~np.isin(distinct, known)]]] = True
    ends = np.cumsum([rows.wanted.size for rows in batches])[:-1]
    return [rows.wanted[new] for rows, new in zip(batches, np.split(fresh, ends), strict=True)]


def make(ledger: Ledger, day: int) -> None:
    """Make the table of a day where it does not exist."""
    if ledger.postgres:
        ledger.connection.execute(text(f"select pg_advisory_xact_lock({MAKING})"))
    if day != ARRIVAL:
        kind = "bigint" if ledger.postgres else "integer"
        ledger.connection.execute(
            text(f"create table if not exists {name_of(day)} (h {kind} primary key)")
        )
    ledger.connection.execute(
        ledger.insert(t.seen_day).values(day=day, ids=0).on_conflict_do_nothing()
    )


def _days(rows: Rows) -> CountVector:
    if not rows.identified.timed:
        return np.full(rows.wanted.size, ARRIVAL, np.int64)
    days = np.array([day_of(start) for start in rows.starts], np.int64)
    return days[rows.identified.panes[rows.wanted]]


def _remember(ledger: Ledger, day: int, hashes: CountVector) -> CountVector:
    """Insert ascending hashes; return those that were there."""
    given = {"day": day_of(ledger.now)} if day == ARRIVAL else {}
    if ledger.postgres:
        asked = ledger.ask(_remembering(day), given | {"h": Bigints(hashes)})
        return np.array([row.h for row in asked()], np.int64)
    listed = msgspec.json.encode(hashes.tolist()).decode()
    rows = ledger.rows(_remembering_sqlite(day), given | {"h": listed})
    ledger.tell(COUNTED, [{"of": day, "more": len(rows)}])
    new = np.fromiter((row.h for row in rows), np.int64, len(rows))
    return hashes[~np.isin(hashes, new)] if new.size < hashes.size else hashes[:0]


@cache
def _remembering(day: int) -> TextClause:
    return text(_of(day, REMEMBER))


@cache
def _remembering_sqlite(day: int) -> TextClause:
    return text(_of(day, REMEMBER_SQLITE))


def _of(day: int, statement: str) -> str:
    """Name the table; rows without a time are kept with the day on which they came first."""
    columns, values = ("h, day", ", :day") if day == ARRIVAL else ("h", "")
    into = f"insert into {name_of(day)} ({columns})"
    return statement.replace("INTO", into).replace("VALUES", values)
