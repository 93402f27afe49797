"""Which rows were counted, where a model asks for each to be counted once."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table

from app.store.tables.columns import metadata

# The key of all hashes of row ids, made by the migration: one row
seen_key = Table(
    "seen_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

# A day (since 1970) whose rows are remembered in a table of its own, `seen_20260101`, which is
# dropped whole; `ids` is about how many they are. Day -1 stands for the table below
seen_day = Table(
    "seen_day",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("ids", BigInteger, nullable=False),
)

# A row without a time of its own, by the day on which it arrived first
seen = Table(
    "seen",
    metadata,
    Column(
        "h", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("day", Integer, nullable=False),
    Index("ix_seen_day", "day", postgresql_using="brin"),
)
