"""``leeway verify``: verdicts are made again from what is stored, beside the service."""
