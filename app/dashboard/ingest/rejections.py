"""``/ingest/{model}/rejections``: batches that were refused, with where they were wrong."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.listing import Listing, as_file, file_of
from app.dashboard.paging import ON_A_PAGE, cut, further
from app.dashboard.place import of
from app.dashboard.queries import moment, number, one_of, text
from app.dashboard.rendering import page
from app.domain.alerts.event import rfc3339
from app.domain.rejection import KEPT, KEPT_FOR, Reason, RejectionQuery, StoredRejection
from app.steps import declare

REASONS = tuple(reason.value for reason in Reason)


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
        return as_file(request, _listing(model.name, shown), form)
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


def _listing(name: str, rejections: Sequence[StoredRejection]) -> Listing:
    rows = [
        {
            "id": one.id,
            "at": one.at,
            "reason": one.rejection.reason.value,
            "detail": one.rejection.detail,
            "source": one.rejection.source,
            "version": one.rejection.version,
            "key": one.rejection.key,
            "pointers": [fault.pointer for fault in one.rejection.faults],
            "rows": one.rejection.rows,
            "batches": one.batches,
        }
        for one in rejections
    ]
    return Listing(f"rejections-{name}", rows)
