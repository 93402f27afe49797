"""Grids, their bins, and counts over them."""
