"""Sources: prefixes of object storage whose objects are rows of a model."""

import os
from typing import Annotated

from fastapi import Path, Query, Request, Response

from app.api import cursors
from app.api.body import receive_body
from app.api.parameters import Cursor, Limit, ModelName, RowId
from app.api.router import answers, new_router, refuses
from app.api.schemas.base import NAME_PATTERN, NAME_RULE
from app.api.schemas.sources import (
    HINT_BODY,
    HintedAnswer,
    ObjectAnswer,
    ObjectPage,
    RetriedAnswer,
    SourceAnswer,
    SourceDeclaration,
    SourcePage,
)
from app.api.state import ApiDep
from app.api.strict import loads
from app.domain.errors import NotFound
from app.domain.model import Model
from app.domain.sources.notification import hints, matches
from app.domain.sources.source import ObjectState, bucket_of
from app.ports import Unit
from app.ports.sources import SourceState
from app.steps import declare
from app.steps.declare_source import declare_source as put_source

router = new_router("sources")
SourcePath = Annotated[
    str, Path(pattern=NAME_PATTERN, description=f"Source. {NAME_RULE}", examples=["logs"])
]
ReasonQuery = Annotated[
    str | None, Query(pattern=r"^[a-z-]{1,64}$", description="Only those quarantined for this.")
]


@router.put(
    "/v1/models/{model}/sources/{source}",
    summary="Declare a source",
    responses=answers(
        {201: {"model": SourceAnswer, "description": "The source was created."}},
    )
    | refuses(_409="A source that is switched off, as a backfill leaves one, has objects there."),
)
async def declare_source(
    api: ApiDep, model: ModelName, source: SourcePath, body: SourceDeclaration, response: Response
) -> SourceAnswer:
    """Create or replace a source, and have it listed now. Reading rights suffice.

    An endpoint's address and a folder are checked now, and again before they are used.
    """
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
    declared = body.source((found.id, found.name), source)
    await api.sources.check(declared)
    async with api.store.write() as unit:
        created = await put_source(unit, declared, os.path.realpath)
        _, state = await _find(unit, model, source)
    response.status_code = 201 if created else 200
    return SourceAnswer.of(state)


@router.get("/v1/models/{model}/sources", summary="List sources")
async def list_sources(
    api: ApiDep, model: ModelName, limit: Limit = 50, cursor: Cursor = None
) -> SourcePage:
    """Return sources by name, with their progress."""
    after = cursors.decode(cursor, str)
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        states = await unit.sources.page(found.id, after, limit + 1)
    shown, following = cursors.page(states, limit, lambda state: state.source.name)
    return SourcePage(items=[SourceAnswer.of(state) for state in shown], next_cursor=following)


@router.get("/v1/models/{model}/sources/{source}", summary="Read a source")
async def get_source(api: ApiDep, model: ModelName, source: SourcePath) -> SourceAnswer:
    """Return a source, what its last listing showed, and how far it has come."""
    async with api.store.read() as unit:
        _, state = await _find(unit, model, source)
    return SourceAnswer.of(state)


@router.delete(
    "/v1/models/{model}/sources/{source}",
    status_code=204,
    summary="Delete a source",
    response_class=Response,
    response_description="It is gone.",
)
async def delete_source(api: ApiDep, model: ModelName, source: SourcePath) -> Response:
    """Read nothing more there; what was counted stays counted."""
    async with api.store.write() as unit:
        found = await declare.find(unit, model)
        if not await unit.sources.delete(found.id, source):
            raise _missing(model, source)
    return Response(status_code=204)


@router.get("/v1/models/{model}/sources/{source}/objects", summary="List objects of a source")
async def list_objects(
    api: ApiDep,
    model: ModelName,
    source: SourcePath,
    state: Annotated[ObjectState | None, Query(description="In this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ObjectPage:
    """Return objects as they were found; ``state=quarantined`` lists those that were refused.

    A key that was overwritten stands there once for each content.
    """
    after = cursors.decode(cursor, int) or 0
    async with api.store.read() as unit:
        _, known = await _find(unit, model, source)
        found = await unit.objects.page(known.source.id, state, after, limit + 1)
    shown, following = cursors.page(found, limit, lambda stored: stored.id)
    return ObjectPage(items=[ObjectAnswer.of(one) for one in shown], next_cursor=following)


@router.post(
    "/v1/models/{model}/sources/{source}/retry",
    status_code=202,
    summary="Retry quarantined objects",
)
async def retry_objects(
    api: ApiDep, model: ModelName, source: SourcePath, reason: ReasonQuery = None
) -> RetriedAnswer:
    """Take all quarantined objects again, or those of one reason."""
    async with api.store.write() as unit:
        _, known = await _find(unit, model, source)
        return RetriedAnswer(retried=await unit.objects.retry(known.source.id, None, reason))


@router.post(
    "/v1/models/{model}/sources/{source}/objects/{object}/retry",
    status_code=202,
    summary="Retry one object",
)
async def retry_object(
    api: ApiDep,
    model: ModelName,
    source: SourcePath,
    object: RowId,  # noqa: A002  its name in the path
) -> RetriedAnswer:
    """Take a quarantined object again."""
    async with api.store.write() as unit:
        _, known = await _find(unit, model, source)
        retried = await unit.objects.retry(known.source.id, object, None)
        if not retried:
            raise NotFound(f"source {source!r} has no quarantined object {object}")
    return RetriedAnswer(retried=retried)


@router.post(
    "/v1/models/{model}/sources/{source}/notifications",
    status_code=202,
    summary="Tell of new objects",
    openapi_extra={"requestBody": HINT_BODY},
)
async def notify(
    api: ApiDep, request: Request, model: ModelName, source: SourcePath
) -> HintedAnswer:
    """Hasten the next listing. A message is a hint: what there is, the store itself is asked."""
    async with receive_body(request, api.limits.declaration, api.budget) as body:
        found = hints(loads(body))
    async with api.store.read() as unit:
        _, known = await _find(unit, model, source)
    place = bucket_of(known.source.url)
    matched = sum(matches(hint, *place) for hint in found)
    if matched:
        async with api.store.write() as unit:
            await unit.sources.hasten(known.source.id)
    return HintedAnswer(matched=matched, ignored=len(found) - matched)


async def _find(unit: Unit, model: str, name: str) -> tuple[Model, SourceState]:
    found = await declare.find(unit, model)
    state = await unit.sources.get(found.id, name)
    if state is None:
        raise _missing(model, name)
    return found, state


def _missing(model: str, name: str) -> NotFound:
    return NotFound(f"model {model!r} has no source {name!r}")
