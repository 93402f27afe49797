"""What the core refuses, as exceptions that say precisely why."""


class DriftCoreError(ValueError):
    """Anything the core refuses; the message is fit for a user."""


class GridMismatch(DriftCoreError):
    """Two counts that were not made on one grid were put together."""


class BadCounts(DriftCoreError):
    """A vector that cannot be counts: its shape, its type or a negative cell."""


class BadGrid(DriftCoreError):
    """A stored grid that cannot be read, or settings that cannot make one."""


class BadValues(DriftCoreError):
    """Values, masks or codes that do not fit the grid that should count them."""


class WrongKind(DriftCoreError):
    """A statistic was asked about a kind of column that it does not judge."""
