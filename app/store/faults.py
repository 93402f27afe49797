"""What a database error means to the rest of the program."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import (
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import Conflict, LeewayError, NotFound, Unavailable

LOCK_NOT_AVAILABLE = "55P03"
FOREIGN_KEY = "23503"


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database raises into our own errors.

    Gone connections, full disks, locks and timeouts are ``Unavailable``: the same call may succeed
    later. A reference to a row that is gone is ``NotFound``; two writers of one name ``Conflict``.
    """
    try:
        yield
    except IntegrityError as error:
        raise _integrity(error) from error
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as error:
        raise Unavailable("the database cannot answer now", code="database-away") from error


def _integrity(error: IntegrityError) -> LeewayError:
    if sqlstate(error) == FOREIGN_KEY or "FOREIGN KEY" in str(error.orig):
        return NotFound("it was removed meanwhile")
    return Conflict("it was changed at the same moment", code="concurrent-change", retry_after=1.0)


def sqlstate(error: OperationalError | IntegrityError) -> str | None:
    """Return PostgreSQL's code of an error; SQLite has none."""
    code: str | None = getattr(error.orig, "sqlstate", None)
    return code
