"""Models and their versions."""

from fastapi import Response

from app.api import cursors
from app.api.parameters import Cursor, Limit, ModelName, VersionName
from app.api.router import answers, new_router, refuses
from app.api.schemas.models import (
    ModelAnswer,
    ModelDeclaration,
    ModelPage,
    VersionAnswer,
    VersionDeclaration,
    VersionPage,
)
from app.api.state import ApiDep
from app.domain.declaration import check_schema, check_settings
from app.steps import declare

router = new_router("models")


@router.put(
    "/v1/models/{model}",
    summary="Declare a model",
    responses=answers({201: {"model": ModelAnswer, "description": "The model was created."}})
    | refuses(_409="The change would make stored counts unreadable."),
)
async def declare_model(
    api: ApiDep, model: ModelName, body: ModelDeclaration, response: Response
) -> ModelAnswer:
    """Create a model or bring it to what is declared here; the same declaration changes nothing.

    Leave the schema out to have the columns' kinds and roles inferred from the first baseline.
    """
    settings = body.settings()
    check_settings(settings)
    schema = body.schema_.schema_() if body.schema_ else None
    if schema is not None:
        check_schema(schema)
    stored, created = await declare.declare_model(
        api.store, model, settings, schema, api.event_source
    )
    response.status_code = 201 if created else 200
    async with api.store.read() as unit:
        return ModelAnswer.of(stored, await unit.models.champion(stored.id))


@router.get("/v1/models", summary="List models")
async def list_models(api: ApiDep, limit: Limit = 50, cursor: Cursor = None) -> ModelPage:
    """Return models by name."""
    after = cursors.decode(cursor, str)
    async with api.store.read() as unit:
        found = await unit.models.page(after, limit + 1)
        shown, following = cursors.page(found, limit, lambda model: model.name)
        items = [ModelAnswer.of(model, await unit.models.champion(model.id)) for model in shown]
    return ModelPage(items=items, next_cursor=following)


@router.get("/v1/models/{model}", summary="Read a model")
async def get_model(api: ApiDep, model: ModelName) -> ModelAnswer:
    """Return a model with its schema, and why each column is taken as it is."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        return ModelAnswer.of(found, await unit.models.champion(found.id))


@router.delete(
    "/v1/models/{model}",
    status_code=202,
    summary="Delete a model",
    response_class=Response,
    response_description="It is hidden; the rest goes in time.",
)
async def delete_model(api: ApiDep, model: ModelName) -> Response:
    """Free the name at once, resolve open alerts, and remove all that was stored of it in time."""
    await declare.remove_model(api.store, api.event_source, model)
    return Response(status_code=202)


@router.put(
    "/v1/models/{model}/versions/{version}",
    summary="Declare a version",
    responses={201: {"model": VersionAnswer, "description": "The version was created."}},
)
async def declare_version(
    api: ApiDep,
    model: ModelName,
    version: VersionName,
    body: VersionDeclaration,
    response: Response,
) -> VersionAnswer:
    """Set a version's role and lineage; only the champion pages."""
    stored, created = await declare.put_version(
        api.store, api.event_source, (model, version), body.role, body.lineage
    )
    response.status_code = 201 if created else 200
    return VersionAnswer.of(stored)


@router.get("/v1/models/{model}/versions", summary="List versions")
async def list_versions(api: ApiDep, model: ModelName) -> VersionPage:
    """Return all versions of a model with their roles."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        versions = await unit.models.versions(found.id)
    return VersionPage(items=[VersionAnswer.of(version) for version in versions])
