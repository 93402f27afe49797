"""Column types that mean the same on PostgreSQL and SQLite; the migrations use them too."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: ``timestamptz``; on SQLite, which has none, microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - EPOCH) // MICROSECOND

    def process_result_value(
        self,
        value: datetime | int | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if isinstance(value, int):
            return EPOCH + value * MICROSECOND
        return None if value is None else value.astimezone(UTC)


class Span(TypeDecorator[timedelta]):
    """A length of time, as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self,
        value: timedelta | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(
        self,
        value: int | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> timedelta | None:
        return None if value is None else value * MICROSECOND


Identity64 = BigInteger().with_variant(Integer(), "sqlite")
"""Only an ``integer`` primary key numbers itself on SQLite; both hold 64 bits there."""

Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A small document that SQL may look into; ``None`` is SQL's null."""

Key = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that is only compared for equality and order of bytes, as SQLite does anyway."""
