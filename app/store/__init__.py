"""Everything SQL, and nothing else: the only importer of SQLAlchemy."""

from app.store.connections.engine import sqlite_url
from app.store.connections.migrate import Migrated, is_current, migrate
from app.store.unit_of_work import SqlStore

__all__ = ["Migrated", "SqlStore", "is_current", "migrate", "sqlite_url"]
