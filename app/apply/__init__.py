"""``leeway apply`` and ``leeway export``: what is declared, as a file, over the HTTP API."""
