"""Pages on alerts."""
