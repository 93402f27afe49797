"""Monitors: what is asked of windows, by which rule, and what it would have said of the past."""
