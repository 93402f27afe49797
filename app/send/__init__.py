"""``leeway send``: files become batches, each counted once however often they are sent."""
