"""A comparison for its readers: people at a terminal, programs, and people with a browser."""
