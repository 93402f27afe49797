"""What retention is about to do."""

from app.api.parameters import ModelName
from app.api.router import new_router
from app.api.schemas.retention import RetentionPreview
from app.api.state import ApiDep
from app.steps import declare

router = new_router("models")


@router.get("/v1/models/{model}/retention", summary="See what is about to grow coarser or go")
async def preview_retention(api: ApiDep, model: ModelName) -> RetentionPreview:
    """Say what of a model's history is due to become coarser or to go, and when the next is.

    Nothing is changed by asking.
    """
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        return RetentionPreview.of(found, unit.now, await unit.ageing.due(found))
