"""Heartbeats: what sources say they have sent."""

from app.api.parameters import ModelName, RowsVersionQuery
from app.api.router import new_router
from app.api.schemas.heartbeats import HeartbeatAnswer, HeartbeatDeclaration
from app.api.state import ApiDep
from app.steps.expect import expect

router = new_router("batches")


@router.post("/v1/models/{model}/heartbeats", summary="Say what a source has sent")
async def post_heartbeat(
    api: ApiDep, model: ModelName, said: HeartbeatDeclaration, version: RowsVersionQuery = None
) -> HeartbeatAnswer:
    """Say how many rows of a span of event time a source has sent; the last word on it counts.

    A window that holds fewer rows than its sources named is ``incomplete``, and says how many are
    missing at least. It is judged all the same, and complete again when they have come.
    """
    return HeartbeatAnswer.of(await expect(api.store, model, version, said.heartbeat()))
