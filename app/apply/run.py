"""Plan, ask, apply: what brings a service to what a file declares."""

from collections.abc import Callable

import httpx
from rich.console import Console
from rich.text import Text

from app.apply import show
from app.apply.declared import declared
from app.apply.document import MOST_BYTES, Node, read
from app.apply.order import CHANGES, DONE, FAILED, INTERRUPTED, Order, Stop
from app.apply.plan import Action, Plan, Verb, plan
from app.apply.present import Reader
from app.apply.service import Refused, Service, client
from app.apply.shapes import Shapes

Ask = Callable[[str], bool]


def apply(order: Order, out: Console, err: Console, ask: Ask) -> int:
    """Bring a service to what a file declares; return the exit status.

    Parameters
    ----------
    order
        What was asked.
    out
        Where the plan goes.
    err
        Where reasons to stop go.
    ask
        Puts a question to the user.
    """
    try:
        root = _read(order)
        with client(order.reach) as http:
            return carry_out(order, root, http, out, ask)
    except Stop as stop:
        err.print(Text(str(stop), style="red"), soft_wrap=True)
        return stop.status
    except KeyboardInterrupt:
        return INTERRUPTED


def carry_out(order: Order, root: Node, http: httpx.Client, out: Console, ask: Ask) -> int:
    """Plan, and apply what was planned where that is wanted."""
    service = Service(http, order.reach.patience)
    made = planned(order, root, service)
    show.show(made, out)
    if not made.to_do:
        return DONE
    if order.dry_run:
        return CHANGES
    if not order.yes and not ask("Apply these changes?"):
        raise Stop("nothing was applied", FAILED)
    for number, action in enumerate(made.to_do):
        _apply(order, service, action, number)
    left = planned(order, root, service)
    if left.to_do:
        show.show(left, out)
        raise Stop("applied, but the service has it otherwise: write it as it is told above")
    out.print("Applied.")
    return DONE


def planned(order: Order, root: Node, service: Service) -> Plan:
    """Return what is to be done."""
    shapes = Shapes(service.document())
    wanted = declared(root, shapes, order.file.name)
    models = {one.names[0] for one in wanted.resources if one.section == "models"}
    try:
        state = Reader(service, shapes).state(models)
    except Refused as refused:
        raise Stop(f"the state cannot be read: {refused.status} {refused.detail}") from None
    return plan(wanted, state, shapes, prune=order.prune)


def _read(order: Order) -> Node:
    try:
        with order.file.open("rb") as file:
            return read(file.read(MOST_BYTES + 1), order.file.name)
    except OSError as error:
        raise Stop(f"{order.file}: {error.strerror or 'it cannot be read'}") from None


def _apply(order: Order, service: Service, action: Action, before: int) -> None:
    declaration = action.declaration
    try:
        if action.verb is Verb.DELETE or declaration is None:
            service.delete(action.address.path)
        else:
            service.put(action.address.path, declaration.body)
    except Refused as refused:
        node = declaration.node if declaration is not None else None
        raise Stop("\n".join(_told(order, action, node, refused, before))) from None


def _told(
    order: Order, action: Action, node: Node | None, refused: Refused, before: int
) -> list[str]:
    """Say which resource was refused, where in the file, and what to do."""
    lead = "" if node is None else f"{order.file.name}, line {node.line}: "
    said = [f"{lead}{action.address} is refused: {refused.status} {refused.detail}"]
    for place in refused.places:
        line = "" if node is None else f"line {node.at(place.pointer).line}: "
        where = place.pointer or place.field or ""
        said.append(f"  {line}{where + ': ' if where else ''}{place.detail}")
    done = (
        f"{before} before it {'was' if before == 1 else 'were'} applied"
        if before
        else ("nothing was applied")
    )
    return [*said, f"{done}; mend this one and apply the file again"]
