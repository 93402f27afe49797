"""One open transaction, its statements and locks, and what is remembered between two."""
