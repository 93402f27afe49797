"""Read-side queries: what people and metrics are shown."""
