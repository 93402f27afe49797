"""``leeway send``: files become batches, each counted once however often they are sent."""

from app.send.order import Order, Stop
from app.send.run import send_files

__all__ = ["Order", "Stop", "send_files"]
