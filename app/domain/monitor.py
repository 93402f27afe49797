"""A standing question on a model. Until monitors are declared, one default monitor asks it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from drift_core import Policy

PAGE_BUDGET = 0.10
"""Expected false pages of a model in ``BUDGET_SPAN``; two have a chance of 5 % at most."""
BUDGET_SPAN = timedelta(days=90)
DEFAULT_MONITOR = "default"
TRAFFIC_MONITOR = "traffic"
"""Watches whether rows come at all; it has no windows and is about all versions together."""
RETRAINING_MONITOR = "retraining"
"""Watches whether retrainings come to their end; it has no windows either."""
ALL_VERSIONS = "*"
"""In place of a version's name, which cannot be this."""
MONITOR_VERSION = 1


class Severity(StrEnum):
    """P1 traffic stopped, P2 significant drift, P3 data quality, P4 retraining failed."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


@dataclass(frozen=True, slots=True)
class Monitor:
    """What is asked of every window, and how alerts fire and resolve."""

    name: str
    version: int
    window: timedelta
    severity: Severity = Severity.P2
    fire_after: int = 1
    """Consecutive windows with page evidence that make an alert fire."""
    resolve_after: int = 2
    """Consecutive windows without page evidence that resolve it."""


def severity_of(monitor: str) -> Severity:
    """Return how grave an alert of a monitor is."""
    return {TRAFFIC_MONITOR: Severity.P1, RETRAINING_MONITOR: Severity.P4}.get(monitor, Severity.P2)


def page_level(window: timedelta) -> float:
    """Return the evidence level of one look, so that all looks of 90 days share the budget."""
    looks = max(1.0, BUDGET_SPAN / window)
    return PAGE_BUDGET / looks


def default_monitor(window: timedelta) -> Monitor:
    return Monitor(name=DEFAULT_MONITOR, version=MONITOR_VERSION, window=window)


def policy(monitor: Monitor) -> Policy:
    """Return the verdict policy of a monitor: paging spends the false-alarm budget across time."""
    return Policy(page_level=page_level(monitor.window))
