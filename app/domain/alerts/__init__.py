"""Alerts and what the world is told of them: states, events, routes, signatures, deliveries."""
