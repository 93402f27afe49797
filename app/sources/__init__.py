"""Where batches come from, and the formats in which they come."""
