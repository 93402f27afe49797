"""What became of a commit that was sent and not answered: PostgreSQL remembers."""

import time
from collections.abc import Callable
from typing import Any

import psycopg

PAUSE = 0.05
# a number that was not given yet is of a transaction that a crash took
FATE = (
    "select case when cast(%(xid)s as xid8) < pg_current_xact_id()"
    " then pg_xact_status(cast(%(xid)s as xid8)) end"
)


def was_committed(driver: "psycopg.Connection[Any]", xid: str, go_on: Callable[[], None]) -> bool:
    """Whether a transaction is durable; waits while the server is still at it.

    ``go_on`` raises when there is no use in waiting any longer.
    """
    while True:
        row = driver.execute(FATE, {"xid": xid}).fetchone()
        fate = row[0] if row else None
        if fate != "in progress":
            return bool(fate == "committed")
        go_on()
        time.sleep(PAUSE)
