"""An event is sent once more; a wish to retrain only while its run still waits to be accepted."""

from app.domain.alerts.event import RETRAINING
from app.domain.errors import Conflict, NotFound
from app.domain.retrainings.event import EVENT_PREFIX
from app.domain.retrainings.retraining import State
from app.ports import Store


async def redeliver(store: Store, delivery_id: int) -> None:
    """Make a delivery due now, with the same event.

    Raises
    ------
    NotFound
        There is no such delivery.
    Conflict
        It asks for a run that was accepted or is over: another one beside it is not ours to start.
    """
    async with store.write() as unit:
        found = await unit.views.delivery(delivery_id)
        if found is None:
            raise NotFound(f"there is no delivery {delivery_id}")
        summary = found[0]
        if summary.event_type == RETRAINING:
            run = await unit.retrainings.hold(summary.event_id.removeprefix(EVENT_PREFIX))
            if run is None or run.state is not State.REQUESTED:
                raise Conflict(
                    "this asked for a run that was accepted or is over; ask for another one: "
                    "POST /v1/models/{model}/retrainings",
                    code="retraining-over",
                )
        await unit.outbox.redeliver(delivery_id)
