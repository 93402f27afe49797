"""The real things that Leeway talks to, in throw-away environments; `make test-integration`."""
