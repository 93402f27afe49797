"""Operation: metrics, health, and the way in."""

from fastapi import Request, Response

from app.api.router import new_router
from app.api.schemas.ops import HealthAnswer, ReadyAnswer, RootAnswer
from app.api.state import ApiDep
from app.domain.errors import Fault, Unavailable

router = new_router("operation")


class NotReady(Unavailable):
    """The replica cannot serve; names the checks that failed."""

    code = "not-ready"

    def __init__(self, failed: list[str]) -> None:
        super().__init__("not ready: " + ", ".join(failed))
        self.faults = tuple(Fault("this check fails", field=name) for name in failed)


@router.get("/", summary="Find the way")
async def get_root(api: ApiDep, request: Request) -> RootAnswer:
    """Return name, version and the paths that lead on."""
    prefix = request.scope.get("root_path", "").rstrip("/")
    places = ("/docs", "/openapi.json", "/v1/models", "/v1/alerts", "/metrics", "/readyz")
    links = {place.rsplit("/", 1)[-1].partition(".")[0]: prefix + place for place in places}
    return RootAnswer(name="leeway", version=api.code_version, links=links)


@router.get("/healthz", summary="Am I alive")
async def get_health() -> HealthAnswer:
    """Answer while the process runs; says nothing of the database."""
    return HealthAnswer(status="ok")


@router.get("/readyz", summary="Can I serve")
async def get_ready(api: ApiDep) -> ReadyAnswer:
    """Answer 200 where the database answers, migrations are applied and the loops are alive."""
    checks = dict(await api.ready())
    if api.draining():
        checks["accepting"] = False
    if failed := [name for name, passed in checks.items() if not passed]:
        raise NotReady(failed)
    return ReadyAnswer(status="ok", checks=checks)


@router.get(
    "/metrics",
    summary="Scrape metrics",
    response_class=Response,
    responses={
        200: {
            "description": "All series, in the text format that ``Accept`` asks for.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def get_metrics(api: ApiDep, request: Request) -> Response:
    """Return drift values, states and intake counters from what is stored, for Prometheus."""
    rendered = await api.metrics(request.headers.get("accept", ""))
    return Response(rendered.body, headers={"Content-Type": rendered.media_type})
