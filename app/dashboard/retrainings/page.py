"""``/retrainings``: the runs that were asked for, newest first."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, cut, further
from app.dashboard.place import of
from app.dashboard.queries import number, one_of, text
from app.dashboard.reasons import CAUSES, RUN_KINDS
from app.dashboard.rendering import page
from app.dashboard.retrainings.whom import whom
from app.domain.retrainings.retraining import IN_FLIGHT, Retraining, State
from app.steps import declare

STATES = tuple(state.value for state in State)
COLUMNS: Columns[Retraining] = {
    "id": lambda run: run.id,
    "model": lambda run: run.model,
    "version": lambda run: run.version,
    "state": lambda run: run.state.value,
    "reason": lambda run: run.reason.value,
    "cause": lambda run: run.cause,
    "detail": lambda run: run.detail,
    "target": lambda run: run.target,
    "requested_at": lambda run: run.requested_at,
    "changed_at": lambda run: run.changed_at,
    "deadline_at": lambda run: run.deadline_at,
    "run": lambda run: run.run,
    "challenger": lambda run: run.challenger,
    "baseline": lambda run: run.baseline,
}


async def get_retrainings(request: Request) -> Response:
    """Show retrainings, chosen by model and state."""
    asked = {"model": text(request, "model"), "state": one_of(request, "state", STATES)}
    before, form = number(request, "before"), file_of(request)
    state = State(asked["state"]) if asked["state"] else None
    async with of(request).store.read() as unit:
        model = await declare.find(unit, asked["model"]) if asked["model"] else None
        model_id = model.id if model else None
        found = await unit.retrainings.page(model_id, state, before, ON_A_PAGE + 1)
        sums = await unit.retrainings.sums()
        policy = await unit.retrainings.policy(model.id) if model else None
        able = None if policy else await whom(unit)
    shown, last = cut(found, lambda run: run.number)
    if form is not None:
        return as_file(request, Listing("retrainings", COLUMNS, shown), form)
    values = {
        "runs": shown,
        "flying": sum(one.runs for one in sums if one.state in IN_FLIGHT),
        "every": sum(one.runs for one in sums),
        "policy": policy,
        "whom": able,
        "asked": asked,
        "any": any(asked.values()) or before is not None,
        "states": STATES,
        "kinds": RUN_KINDS,
        "causes": CAUSES,
        "before": before,
        "next": further(request, asked, before=last) if last else None,
    }
    return page(request, "ops/retrainings.html", values, place="retrainings")
