"""Pages on what comes in."""
