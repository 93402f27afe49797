"""Names of targets that are gone: a file that held them could be applied to no service. Pure."""

from collections.abc import Iterator
from typing import Any

from app.apply.kinds import Address
from app.apply.present import State


def mended(state: State) -> tuple[State, list[str]]:
    """Return a state without the names of targets that there are not, and what was left out.

    A monitor of which no target is left tells all of them: a page too many is better than none.
    """
    made, said = State(), list[str]()
    for address, full in state.items():
        lost = sorted(set(_named(address, full)) - _targets(state))
        said += [f"{address} names target {name!r}, which is gone: left out" for name in lost]
        if not lost:
            made[address] = full
        elif address.section == "monitors":
            made[address] = full | {"targets": _without(full["targets"], lost)}
    return made, said


def _targets(state: State) -> set[str]:
    return {address.names[0] for address in state if address.section == "targets"}


def _named(address: Address, full: dict[str, Any]) -> Iterator[str]:
    if address.section == "monitors":
        yield from full.get("targets") or ()
    elif address.section == "retraining":
        yield full["target"]


def _without(names: list[str], lost: list[str]) -> list[str] | None:
    return [name for name in names if name not in lost] or None
