"""Heartbeats: what sources say they have sent."""

from app.api.parameters import ModelName, RowsVersionQuery
from app.api.router import new_router, refuses
from app.api.schemas.heartbeats import HeartbeatAnswer, HeartbeatDeclaration
from app.api.state import ApiDep
from app.steps.expect import expect

router = new_router("batches")


@router.post(
    "/v1/models/{model}/heartbeats",
    summary="Say what a source has sent",
    responses=refuses(_409="It covers a part of a span of which the source spoke before."),
)
async def post_heartbeat(
    api: ApiDep, model: ModelName, said: HeartbeatDeclaration, version: RowsVersionQuery = None
) -> HeartbeatAnswer:
    """Say how many rows of a span of event time a source has sent; the last word on it counts.

    It takes the place of what the source said of spans within it. One that covers only a part of an
    earlier span is refused: nobody could tell how many rows are left of that.

    A window that holds fewer rows than its sources named is ``incomplete``, and says how many are
    missing at least. It is judged all the same, and complete again when they have come.
    """
    return HeartbeatAnswer.of(await expect(api.store, model, version, said.heartbeat()))
