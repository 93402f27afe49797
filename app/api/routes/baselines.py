"""Baselines: references, uploaded or made of stored windows."""

from fastapi import Request, Response

from app.api import cursors, validation
from app.api.edge import pace
from app.api.parameters import BaselineId, Cursor, Limit, ModelName, RowsVersionQuery
from app.api.router import answers, new_router, refuses
from app.api.rows import read_rows
from app.api.schemas.baselines import BaselineAnswer, BaselinePage, WindowsDeclaration
from app.api.state import ApiDep
from app.api.strict import loads
from app.api.uploads import BASELINE_BODY
from app.domain.batch import Table
from app.domain.errors import NotFound
from app.sources.formats import Format, Limits
from app.steps import declare, register

router = new_router("baselines")

SMALL = 4_096
"""A declaration of windows is shorter than this; rows may be, too."""


@router.post(
    "/v1/models/{model}/baselines",
    status_code=201,
    summary="Upload a reference",
    openapi_extra={"requestBody": BASELINE_BODY},
    responses=answers({200: {"model": BaselineAnswer, "description": "It was uploaded before."}})
    | refuses(_409="The stored windows do not fit the model's grid set."),
)
async def create_baseline(
    api: ApiDep,
    request: Request,
    model: ModelName,
    response: Response,
    version: RowsVersionQuery = None,
) -> BaselineAnswer:
    """Count a reference and freeze it; the model's first one is active at once.

    The body holds rows in any format, or ``{"windows": {"from": ..., "to": ...}}`` to freeze what
    is stored already. The answer says what each column was taken for, and what looked wrong.
    """
    pace.allow_steady(request.scope)
    reading = read_rows(request, api, model, api.limits.for_baseline, rows_or_windows, spool=True)
    async with reading as upload:
        if isinstance(upload.content, Table):
            made = await register.register(api.store, api.pool, model, upload.content, version)
        else:
            span = validation.read(WindowsDeclaration, upload.content).windows
            made = await register.register_windows(api.store, model, (span.from_, span.to), version)
    response.status_code = 201 if made.created else 200
    async with api.store.read() as unit:
        return BaselineAnswer.of(await declare.find(unit, model), made.baseline)


def rows_or_windows(body: bytes, form: Format, limits: Limits) -> Table | dict[str, object]:
    """Return the rows of a body, or the document that names windows in place of rows."""
    if form.name == "json" and len(body) < SMALL and b'"windows"' in body:
        document = loads(body)
        if isinstance(document, dict) and "windows" in document:
            return document
    return form.decode(body, limits)


@router.get("/v1/models/{model}/baselines", summary="List baselines")
async def list_baselines(
    api: ApiDep, model: ModelName, limit: Limit = 50, cursor: Cursor = None
) -> BaselinePage:
    """Return the baselines of a model, newest first."""
    before = cursors.decode(cursor, int)
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        baselines = await unit.models.baselines(found.id)
    left = [one for one in baselines if before is None or one.number < before]
    shown, following = cursors.page(left, limit, lambda one: one.number)
    items = [BaselineAnswer.of(found, baseline) for baseline in shown]
    return BaselinePage(items=items, next_cursor=following)


@router.get("/v1/models/{model}/baselines/{baseline}", summary="Read a baseline")
async def get_baseline(api: ApiDep, model: ModelName, baseline: BaselineId) -> BaselineAnswer:
    """Return a baseline with its schema and warnings."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        stored = await unit.models.baseline(found.id, baseline)
    if stored is None:
        raise NotFound(f"model {model!r} has no baseline {baseline}")
    return BaselineAnswer.of(found, stored)


@router.post("/v1/models/{model}/baselines/{baseline}/activate", summary="Activate a baseline")
async def activate_baseline(api: ApiDep, model: ModelName, baseline: BaselineId) -> BaselineAnswer:
    """Hold windows to this baseline from now on; what was judged already stays as it is."""
    active = await register.activate(api.store, model, baseline, api.event_source)
    async with api.store.read() as unit:
        return BaselineAnswer.of(await declare.find(unit, model), active)
