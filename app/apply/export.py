"""``leeway export``: the present state as a file that declares it."""

from collections.abc import Mapping
from typing import Any

import httpx

from app.apply.dangling import mended
from app.apply.kinds import KINDS, Address
from app.apply.order import Stop
from app.apply.present import Reader, State
from app.apply.service import Refused, Service
from app.apply.shapes import Shapes
from app.apply.trim import trimmed
from app.apply.writing import text_of

COMMENT = "# yaml-language-server: $schema={}\n"


def export(http: httpx.Client, patience: float, schema: str) -> str:
    """Return the state of a service as YAML; applying it changes nothing.

    Names of targets that are gone are left out, and comments at its head say so.

    Raises
    ------
    Stop
        The state cannot be read.
    """
    service = Service(http, patience)
    shapes = Shapes(service.document())
    try:
        state = Reader(service, shapes).state()
    except Refused as refused:
        raise Stop(f"the state cannot be read: {refused.status} {refused.detail}") from None
    state, left_out = mended(state)
    lines = "".join(f"# {line}\n" for line in left_out)
    return COMMENT.format(schema) + lines + text_of(document(state, shapes))


def document(state: State, shapes: Shapes) -> dict[str, Any]:
    """Return the file that declares a state, in the order of kinds and names."""
    made: dict[str, Any] = {}
    order = [kind.section for kind in KINDS]
    for address in sorted(state, key=lambda one: (order.index(one.section), one.names)):
        _put(made, address, _declaration(address, state[address], shapes))
    return made


def _declaration(address: Address, full: Mapping[str, Any], shapes: Shapes) -> dict[str, Any]:
    body = shapes.body(address.kind)
    if body is None:
        raise Stop(f"the service no longer knows {address.section}")
    return trimmed(shapes, address.kind, body, full)


def _put(made: dict[str, Any], address: Address, declaration: dict[str, Any]) -> None:
    holder = made
    for key in address.place[:-1]:
        holder = holder.setdefault(key, {})
    holder[address.place[-1]] = declaration
