"""Columns as they come: arrays, lists, Arrow buffers and codes, and which rows have a value."""
