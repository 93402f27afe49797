"""Sources of models, and their objects on the way from found to counted."""
