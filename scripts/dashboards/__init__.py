"""Grafana's dashboards, made of typed panels: ``python -m scripts.dashboards``."""
