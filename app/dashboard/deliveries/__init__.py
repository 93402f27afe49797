"""Pages on deliveries."""
