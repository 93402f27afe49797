"""One window: every number, by what recipe, and how often it was judged."""
