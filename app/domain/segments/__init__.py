"""Segments: parts of a model's rows that are counted and judged on their own."""
