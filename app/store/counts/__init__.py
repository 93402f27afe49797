"""Counts as bytes: written as deltas, added over stretches of time."""
