"""Batches in groups: receipts, counts, tallies, rows seen before, and what was refused."""
