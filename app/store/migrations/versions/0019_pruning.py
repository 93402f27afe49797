"""Events are found by their age, and by the alert that they are about."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_event_time"), "event", ["time"])
    op.create_index(op.f("ix_event_ordering_time"), "event", ["ordering", "time"])
