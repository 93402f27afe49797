"""Deliveries are found by state and target, and events by what they are about."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_delivery_state_target_id"), "delivery", ["state", "target", "id"])
    op.create_index(op.f("ix_event_subject"), "event", ["subject"])
