"""Where knots lie, and how a value finds its cell at the speed of memory."""
