"""Alerts, the outbox and its targets, retrainings, and the traffic that is watched."""
