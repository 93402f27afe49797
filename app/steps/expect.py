"""A source says how many rows it has sent; windows tell what is missing of them."""

from app.domain.model import DEFAULT_VERSION
from app.domain.sources.heartbeat import Heartbeat, check
from app.ports import Store
from app.steps.declare import find


async def expect(store: Store, model: str, version: str | None, said: Heartbeat) -> Heartbeat:
    """Write a heartbeat down and return it with its version, the champion where none is named.

    Raises
    ------
    NotFound
        There is no such model.
    Invalid
        Its span cannot be held against one window.
    Conflict
        It covers a part of a span of which its source spoke before.
    """
    async with store.write() as unit:
        found = await find(unit, model)
        check(said, found.settings.window)
        champion = None if version else await unit.models.champion(found.id)
        named = version or (champion.name if champion else DEFAULT_VERSION)
        heartbeat = Heartbeat(named, said.source, said.start, said.end, said.rows)
        await unit.heartbeats.put(found.id, heartbeat)
    return heartbeat
