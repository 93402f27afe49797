"""``/ingest/{model}/rejections``: batches that were refused, with where they were wrong."""

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Columns, Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, cut, further
from app.dashboard.place import of
from app.dashboard.queries import moment, number, one_of, text
from app.dashboard.rendering import page
from app.domain.alerts.event import rfc3339
from app.domain.rejection import KEPT, KEPT_FOR, Reason, RejectionQuery, StoredRejection
from app.steps import declare

REASONS = tuple(reason.value for reason in Reason)
COLUMNS: Columns[StoredRejection] = {
    "id": lambda one: one.id,
    "at": lambda one: one.at,
    "reason": lambda one: one.rejection.reason.value,
    "detail": lambda one: one.rejection.detail,
    "source": lambda one: one.rejection.source,
    "version": lambda one: one.rejection.version,
    "key": lambda one: one.rejection.key,
    "pointers": lambda one: [fault.pointer for fault in one.rejection.faults],
    "rows": lambda one: one.rejection.rows,
    "batches": lambda one: one.batches,
}


async def get_rejections(request: Request) -> Response:
    """Show what was refused of a model, chosen by reason, source and time."""
    reason, source = one_of(request, "reason", REASONS), text(request, "source")
    since, before = moment(request, "since"), number(request, "before")
    form = file_of(request)
    async with of(request).store.read() as unit:
        model = await declare.find(unit, request.path_params["model"])
        query = RejectionQuery(model.id, Reason(reason) if reason else None, source, since)
        found = await unit.rejections.page(query, before, ON_A_PAGE + 1)
        sums = [one for one in await unit.rejections.sums() if one.model == model.name]
    shown, last = cut(found, lambda one: one.id)
    if form is not None:
        return as_file(request, Listing(f"rejections-{model.name}", COLUMNS, shown), form)
    asked = {"reason": reason, "source": source, "since": rfc3339(since) if since else None}
    values = {
        "model": model,
        "rejections": shown,
        "sums": sums,
        "asked": asked,
        "any": any(asked.values()) or before is not None,
        "reasons": REASONS,
        "kept": KEPT,
        "kept_for": KEPT_FOR,
        "before": before,
        "next": further(request, asked, before=last) if last else None,
    }
    return page(request, "ops/rejections.html", values, place="ingest")
