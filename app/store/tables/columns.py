"""The catalogue that all tables are in, and the two columns that most of them share."""

from sqlalchemy import Column, ForeignKey, Identity, MetaData
from sqlalchemy.types import TypeEngine

from app.store.transactions.types import Identity64

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def new_id(of: TypeEngine[int] = Identity64) -> Column[int]:
    return Column("id", of, Identity(always=True), primary_key=True)


def owner(table: str, column: str | None = None) -> Column[int]:
    """Return a column that names the row this one belongs to and goes away with."""
    return Column(
        column or f"{table}_id", ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False
    )
