"""Which database could not answer, and why: for the log, since answers must not tell."""

from dataclasses import dataclass, field

import structlog
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

log = structlog.get_logger("leeway.store")

DEFAULT_PORT = 5432
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a database is, without who may enter."""

    database: str | None
    host: str | None = None
    port: int | None = None
    password: str | None = field(default=None, repr=False)
    """Struck out of whatever the driver says."""

    @classmethod
    def of(cls, url: URL) -> "Whereabouts":
        password = None if url.password is None else str(url.password)
        if url.host is None:
            return cls(url.database, password=password)
        return cls(url.database, url.host, url.port or DEFAULT_PORT, password)

    def tell(self, error: BaseException) -> None:
        """Write down that it cannot answer now, and what the driver says of it."""
        log.warning(
            "database_cannot_answer",
            host=self.host,
            port=self.port,
            database=self.database,
            cause=self.cause(error),
        )

    def cause(self, error: BaseException) -> str:
        """Return the kind of an error and its first line; no statement and none of its values."""
        inner = error.orig if isinstance(error, DBAPIError) else None
        found = inner or error
        told = getattr(getattr(found, "diag", None), "message_primary", None) or str(found)
        line = told.strip().partition("\n")[0][:LONGEST]
        if self.password:
            line = line.replace(self.password, "***")
        code = getattr(found, "sqlstate", None)
        return f"{type(found).__name__}{f' {code}' if code else ''}: {line}"
