"""Housekeeping in portions: folding, coarsening, retention, removal."""
