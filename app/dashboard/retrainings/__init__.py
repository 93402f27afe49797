"""Pages on retrainings."""
