"""What can go wrong, by meaning; the API maps each class to a status once.

LeewayError
├── NotFound            no such thing
├── Conflict            the thing's state forbids it (no baseline, twin in flight, ...)
├── KeyReused           an idempotency key was used before with another body
├── Invalid             the request's content is wrong; names rows and fields
│   ├── NoRows          nothing is wrong with it, but that it holds no rows
│   ├── TooLarge        a documented limit is passed
│   └── Unsupported     a media type or encoding we do not read
└── Unavailable         try again later: queue full, database away, draining
"""

from dataclasses import dataclass

MAX_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where (pointer, row, field) and what; no raw values."""

    detail: str
    pointer: str = ""
    row: int | None = None
    field: str | None = None


class LeewayError(Exception):
    """Base of every error that a caller may see; ``code`` is stable and documented."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class NotFound(LeewayError):
    """There is no such thing (any more)."""

    code = "not-found"


class Conflict(LeewayError):
    """The present state of the thing forbids the request."""

    code = "conflict"

    def __init__(
        self, detail: str, *, code: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after


class KeyReused(LeewayError):
    """An idempotency key came again with another body."""

    code = "key-reused"


class Invalid(LeewayError):
    """The content of a request is wrong; at most ``MAX_FAULTS`` faults are listed."""

    code = "invalid"

    def __init__(
        self,
        detail: str,
        faults: tuple[Fault, ...] = (),
        *,
        code: str | None = None,
        rows: int = 0,
    ) -> None:
        super().__init__(detail, code=code)
        self.faults = faults[:MAX_FAULTS]
        self.left_out = max(0, len(faults) - MAX_FAULTS)
        self.rows = rows
        """Rows that were read before the fault was found; they count as rejected."""


class NoRows(Invalid):
    """Sound, and without rows: a request is refused for it, an object of a source is done."""


class TooLarge(Invalid):
    """A documented limit is passed."""

    code = "too-large"


class Unsupported(Invalid):
    """A media type or content encoding that is not read here."""

    code = "unsupported-media-type"


class Unavailable(LeewayError):
    """Not now; the same request may succeed after ``retry_after`` seconds."""

    code = "unavailable"

    def __init__(self, detail: str, *, code: str | None = None, retry_after: float = 1.0) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after


def no_model(name: str) -> NotFound:
    """Return what to say where there is no such model."""
    return NotFound(f"there is no model {name!r}; declare it first: PUT /v1/models/{name}")
