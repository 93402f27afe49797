"""From reference columns to grids and counts: at once, in chunks, or from a histogram."""
