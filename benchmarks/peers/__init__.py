"""Drift libraries, each in an environment of its own that is thrown away afterwards."""
