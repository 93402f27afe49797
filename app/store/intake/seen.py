"""Rows that are counted once: hashes of their ids, in one table a day that is dropped whole.

Hashes go in sorted and after the receipts, in every transaction alike: two that bring the same
rows wait for each other and cannot block each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy import TextClause, bindparam, select, text, update

from app.domain.batch import CountVector, Identified
from app.store import tables as t
from app.store.transactions.bigints import Bigints
from app.store.transactions.ledger import Answer, Ledger
from app.store.transactions.placing import DAY
from app.store.transactions.types import EPOCH

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


NEW, PERHAPS = "new", "perhaps"
STATEMENTS = {
    (NEW, True): "INTO select h VALUES from unnest(cast(:h as bigint[])) as given(h)",
    (NEW, False): "INTO select value VALUES from json_each(:h)",
    # answers with those that were there
    (PERHAPS, True): (
        "with given as materialized (select unnest(cast(:h as bigint[])) as h),"
        " fresh as (INTO select h VALUES from given on conflict do nothing returning h)"
        " select given.h from given left join fresh on fresh.h = given.h where fresh.h is null"
    ),
    # answers with those that were not
    (PERHAPS, False): (
        "INTO select value VALUES from json_each(:h) where true on conflict do nothing returning h"
    ),
}
"""Which insert ascending hashes, by whether they are all new, and by whether on PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one batch that are to be counted, if they were not before."""

    identified: Identified
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
    panes = rows.identified.panes
    days = np.array([day_of(start) for start in panes.starts], np.int64)
    return days[panes.of_rows[rows.wanted]]


def _remember(ledger: Ledger, day: int, hashes: CountVector) -> CountVector:
    """Insert ascending hashes; return those that were there.

    Most rows are new, and to insert them without a look takes half the time: so that is tried.
    """
    given: dict[str, Any] = {"day": day_of(ledger.now)} if day == ARRIVAL else {}
    listed = Bigints(hashes) if ledger.postgres else msgspec.json.encode(hashes.tolist()).decode()
    given["h"] = listed
    known = hashes[:0]
    hopeful = ledger.cache.expects_new_rows()
    if not hopeful or not ledger.attempt(_statement(day, NEW, ledger.postgres), given):
        known = _known(ledger, day, hashes, given)
        if known.size:
            ledger.cache.saw_rows_again()
    if not ledger.postgres:
        ledger.tell(COUNTED, [{"of": day, "more": int(hashes.size - known.size)}])
    return known


def _known(ledger: Ledger, day: int, hashes: CountVector, given: Mapping[str, Any]) -> CountVector:
    rows = ledger.ask(_statement(day, PERHAPS, ledger.postgres), given)()
    named = np.fromiter((row.h for row in rows), np.int64, len(rows))
    return named if ledger.postgres else hashes[~np.isin(hashes, named)]


@cache
def _statement(day: int, kind: str, postgres: bool) -> TextClause:
    """Name the table; rows without a time are kept with the day on which they came first."""
    columns, values = ("h, day", ", :day") if day == ARRIVAL else ("h", "")
    into = f"insert into {name_of(day)} ({columns})"
    return text(STATEMENTS[kind, postgres].replace("INTO", into).replace("VALUES", values))
