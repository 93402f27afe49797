"""What a database error means to the rest of the program."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import Conflict, LeewayError, NotFound, Unavailable
from app.store.connections.whereabouts import Whereabouts

LOCK_NOT_AVAILABLE = "55P03"
FOREIGN_KEY = "23503"
BROKEN = frozenset({None, "57P01", "57P02", "57P03", "08000", "08003", "08006"})
"""The connection broke (without a code, where the server said nothing) or was ended."""
IN_EACH_OTHERS_WAY = frozenset({LOCK_NOT_AVAILABLE, "40001", "40P01"})


AWAY = "database-away"


@contextmanager
def translated(where: Whereabouts) -> Iterator[None]:
    """Turn what the database raises into our own errors.

    Gone connections, full disks, locks and timeouts are ``Unavailable``: the same call may succeed
    later, and the log says which database it was and why. A reference to a row that is gone is
    ``NotFound``; two writers of one name ``Conflict``.
    """
    try:
        yield
    except Unavailable as error:
        if error.code == AWAY:
            where.tell(error)
        raise
    except (IntegrityError, psycopg.IntegrityError) as error:
        raise _integrity(error) from error
    except (
        OperationalError,
        InterfaceError,
        InternalError,
        PoolTimeout,
        psycopg.OperationalError,
        psycopg.InterfaceError,
        psycopg.InternalError,
    ) as error:
        where.tell(error)
        raise Unavailable("the database cannot answer now", code=AWAY) from error


def _integrity(error: IntegrityError | psycopg.IntegrityError) -> LeewayError:
    if sqlstate(error) == FOREIGN_KEY or "FOREIGN KEY" in str(getattr(error, "orig", error)):
        return NotFound("it was removed meanwhile")
    return Conflict("it was changed at the same moment", code="concurrent-change", retry_after=1.0)


def worth_another_try(error: DBAPIError | psycopg.Error) -> bool:
    """Whether the same transaction may well succeed at once on another connection or turn."""
    if isinstance(error, psycopg.Error):
        broken = isinstance(error, psycopg.OperationalError) and error.sqlstate in BROKEN
    else:
        broken = error.connection_invalidated
    return broken or sqlstate(error) in IN_EACH_OTHERS_WAY


def sqlstate(error: DBAPIError | psycopg.Error) -> str | None:
    """Return PostgreSQL's code of an error; SQLite has none."""
    code: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return code
