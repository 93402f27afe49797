"""Retrainings: when they are asked for, what became of them, and what orchestrators answer."""

from typing import Annotated

import structlog
from fastapi import Header, Path, Query, Request, Response

from app.api import cursors
from app.api.edge.run_token import by_token
from app.api.parameters import KEY_PATTERN, Cursor, Limit, ModelName, refuse_repeated
from app.api.router import answers, new_router, refuses
from app.api.schemas.base import NAME_PATTERN
from app.api.schemas.retrainings import (
    HeardAnswer,
    RetrainingAnswer,
    RetrainingEntryAnswer,
    RetrainingLine,
    RetrainingPage,
    RetrainingPolicyAnswer,
    RetrainingPolicyDeclaration,
    RetrainingWish,
    RetrainingWord,
)
from app.api.state import ApiDep
from app.domain.errors import NotFound
from app.domain.retrainings.retraining import Origin, State
from app.ports import Unit
from app.steps import declare
from app.steps.ask_retraining import Retrainer
from app.steps.declare_retraining import declare_retraining, remove_retraining
from app.steps.retrain import Word, hear

router = new_router("retrainings")
log = structlog.get_logger("leeway.retraining")

RetrainingId = Annotated[
    str,
    Path(
        pattern="^rtr_[0-9a-f]{32}$",
        description="Its id.",
        examples=["rtr_0f3c6b1e9d8a4f7c8b3e2d1a0f9e8d7c"],
    ),
]
WishKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=KEY_PATTERN,
        description="Names this wish: the same key asks once, as long as its run is kept.",
    ),
]


@router.put(
    "/v1/models/{model}/retraining",
    summary="Declare when a model is retrained",
    responses={201: {"model": RetrainingPolicyAnswer, "description": "It was created."}},
)
async def declare_retraining_policy(
    api: ApiDep, model: ModelName, body: RetrainingPolicyDeclaration, response: Response
) -> RetrainingPolicyAnswer:
    """Say what asks for a retraining of the model's champion, and which target starts it.

    What is in flight already goes on as it was asked for.
    """
    policy = body.policy()
    created = await declare_retraining(api.store, model, policy)
    response.status_code = 201 if created else 200
    return RetrainingPolicyAnswer.of(policy)


@router.get("/v1/models/{model}/retraining", summary="Read when a model is retrained")
async def get_retraining_policy(api: ApiDep, model: ModelName) -> RetrainingPolicyAnswer:
    """Return what was declared."""
    async with api.store.read() as unit:
        policy = await unit.retrainings.policy((await declare.find(unit, model)).id)
    if policy is None:
        raise NotFound(f"model {model!r} has no retraining policy")
    return RetrainingPolicyAnswer.of(policy)


@router.delete(
    "/v1/models/{model}/retraining",
    status_code=204,
    summary="Ask for no more retrainings",
    response_class=Response,
    response_description="It is gone.",
)
async def delete_retraining_policy(api: ApiDep, model: ModelName) -> Response:
    """Remove the policy; a run in flight goes on."""
    await remove_retraining(api.store, api.event_source, model)
    return Response(status_code=204)


@router.post(
    "/v1/models/{model}/retrainings",
    status_code=201,
    summary="Ask for a retraining",
    responses=answers({200: {"model": RetrainingAnswer, "description": "It was asked for before."}})
    | refuses(_409="A run is in flight, or the model has no retraining policy or no champion."),
)
async def ask_for_retraining(
    api: ApiDep,
    request: Request,
    model: ModelName,
    body: RetrainingWish,
    response: Response,
    key: WishKey = None,
) -> RetrainingAnswer:
    """Ask the target of the model's policy to retrain its champion. No cooldown holds back you."""
    refuse_repeated(request, "Idempotency-Key")
    retrainer = Retrainer(api.event_source)
    run, asked = await retrainer.by_hand(api.store, model, body.reason, key)
    response.status_code = 201 if asked else 200
    async with api.store.read() as unit:
        return await _answer(unit, run.id)


@router.get(
    "/v1/retrainings",
    summary="List retrainings",
    responses=refuses(_404="There is no such model."),
)
async def list_retrainings(
    api: ApiDep,
    model: Annotated[str | None, Query(pattern=NAME_PATTERN, description="Of this model.")] = None,
    state: Annotated[State | None, Query(description="In this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RetrainingPage:
    """Return the runs that were asked for, newest first."""
    below = cursors.decode(cursor, int)
    async with api.store.read() as unit:
        model_id = (await declare.find(unit, model)).id if model is not None else None
        found = await unit.retrainings.page(model_id, state, below, limit + 1)
    shown, following = cursors.page(found, limit, lambda run: run.number)
    return RetrainingPage(items=[RetrainingLine.of(run) for run in shown], next_cursor=following)


@router.get("/v1/retrainings/{retraining}", summary="Read a retraining")
async def get_retraining(api: ApiDep, retraining: RetrainingId) -> RetrainingAnswer:
    """Return a run with its history: every word about it, who said it, and what it did."""
    async with api.store.read() as unit:
        return await _answer(unit, retraining)


@router.post("/v1/retrainings/{retraining}/events", summary="Tell how a retraining goes")
async def tell_of_retraining(
    api: ApiDep, request: Request, retraining: RetrainingId, body: RetrainingWord
) -> HeardAnswer:
    """Say how a run stands: the orchestrator with the run's own token, or anybody with an API key.

    Words may be repeated, late or in any order: what does not fit changes nothing, and says so.
    """
    origin = Origin.CALLBACK if by_token(request.scope) else Origin.PERSON
    word = Word(body.signal, origin, body.said())
    heard = await hear(api.store, api.event_source, retraining, word)
    log.info(
        "retraining_told",
        retraining=retraining,
        said=body.state,
        source=origin.value,
        state=heard.move.state.value,
        reason=heard.move.reason.value,
    )
    return HeardAnswer.of(heard)


async def _answer(unit: Unit, id_: str) -> RetrainingAnswer:
    run = await unit.retrainings.get(id_)
    if run is None:
        raise NotFound(f"there is no retraining {id_!r}")
    history = await unit.retrainings.history(run)
    return RetrainingAnswer.of(run, history=[RetrainingEntryAnswer.of(one) for one in history])
