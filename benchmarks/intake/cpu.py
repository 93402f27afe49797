"""Processor time of processes and their children: what other work on the machine changes little."""

from collections.abc import Iterable

import psutil


def spent(parents: Iterable[int]) -> float:
    """Return the seconds that processes and their living children have computed so far."""
    total = 0.0
    for parent in parents:
        process = psutil.Process(parent)
        for each in (process, *process.children(recursive=True)):
            try:
                times = each.cpu_times()
            except psutil.NoSuchProcess:
                continue
            # of children that have ended a parent knows what they took
            total += times.user + times.system + times.children_user + times.children_system
    return total
