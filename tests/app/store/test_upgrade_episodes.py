"""What fires at an upgrade stays in the episode that it asked in before."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.domain.monitors.monitor import ALL_VERSIONS
from app.domain.retrainings.policy import Episode
from app.store import SqlStore, migrate
from tests.app.store.made import NOW
from tests.app.store.test_upgrade_alerts import earlier, insert, run, url

__all__ = ["url"]

RUN: dict[str, Any] = {
    "model_id": 1,
    "version": "v",
    "cause": "drift",
    "detail": "",
    "state": "rejected",
    "reason": "rejected",
    "target": "hook",
    "token_digest": b"",
    "about": {},
    "requested_at": NOW,
    "deadline_at": NOW,
    "poll_every": timedelta(minutes=1).seconds * 1_000_000,
    "words": 1,
    "changed_at": NOW,
}


def asked(connection: Connection) -> None:
    earlier(connection, "0024")
    for number, episode in enumerate(["alert/1/old", "alert/1/new", "alert/2/over", "hand/1"]):
        insert(connection, "retraining", RUN | {"name": f"rtr_{number}", "episode": episode})
    wish = {"cause": "drift", "episode": "alert/3/waits", "detail": "", "monitor": "x", "about": {}}
    insert(connection, "retraining_wish", {"alert_id": 3, "wish": wish, "changed_at": NOW})


async def test_who_fires_stays_in_the_episode_that_was_asked_for(url: str) -> None:
    await run(url, asked)
    await migrate(url)
    store = SqlStore(url)
    async with store.read() as unit:
        assert await unit.retrainings.episodes(1, "v") == [Episode("alert/1/new", None)]
        waits = await unit.retrainings.episodes(1, ALL_VERSIONS)
        assert waits == [Episode("alert/3/waits", None)]
        ((model, alert, wish),) = await unit.retrainings.waiting()
    assert (model, alert, wish.episode) == (1, 3, "alert/3/waits")
    await store.close()
