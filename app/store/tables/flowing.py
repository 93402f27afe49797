"""How rows come in over time; each comment says what one row means."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, PrimaryKeyConstraint, Table

from app.store.tables.columns import metadata, owner
from app.store.transactions.types import Instant, Key

# What the last look at a model's traffic saw: rows that had ever arrived, and when they last grew
traffic_mark = Table(
    "traffic_mark",
    metadata,
    owner("model"),
    Column("seen", BigInteger, nullable=False),
    Column("looked_at", Instant, nullable=False),
    Column("arrived_at", Instant),
    Column("blind", Boolean, nullable=False),
    PrimaryKeyConstraint("model_id"),
)

# One hour of a model's traffic: looks, those that saw new rows, the rows, and the longest silence
# that ended in it
traffic_hour = Table(
    "traffic_hour",
    metadata,
    owner("model"),
    Column("hour", Instant, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("active", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("quiet_from", Instant),
    Column("quiet_to", Instant),
    PrimaryKeyConstraint("model_id", "hour"),
)

# What a source said it has sent of a version's rows in one span of event time; the last word counts
heartbeat = Table(
    "heartbeat",
    metadata,
    owner("model"),
    Column("version", Key, nullable=False),
    Column("source", Key, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("said_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id", "version", "start_at", "source"),
)
