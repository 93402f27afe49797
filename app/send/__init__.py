"""``leeway send``: files become batches, each counted once however often they are sent."""

from app.send.order import Order, Stop, numbers_from
from app.send.run import send_files

__all__ = ["Order", "Stop", "numbers_from", "send_files"]
