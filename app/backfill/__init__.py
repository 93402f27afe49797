"""``leeway backfill``: a prefix of objects into counts, by a pool of processes."""
