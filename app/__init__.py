"""The service: HTTP in, counts in a database, verdicts, metrics and webhooks out."""
