"""The laws behind p-values, and what chance alone does to a distance."""
