"""Intake over loopback: a real server process and a load generator, beside bare FastAPI routes."""
