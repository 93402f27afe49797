"""One message for many alerts: the worst of them in full, more by name, and how many besides."""

from typing import Any

from app.domain.alerts.event import rfc3339
from app.domain.alerts.group import Member, Settled
from app.domain.alerts.links import links

MOST_MEMBERS = 10
MOST_FEATURES = 3
"""Of a member; those of the worst one are told in full."""
LONGEST_NAME = 200
"""Characters of a feature's name in that list."""


def group_data(settled: Settled) -> dict[str, Any]:
    """Return the ``data`` of a group's event; there is something to tell."""
    lead = settled.changed[0]
    assert lead.news is not None  # noqa: S101  whoever changed brought news
    news = dict(lead.news)
    about = {name: news[name] for name in ("model", "version", "monitor")}
    every = [(one, True) for one in settled.changed] + [(one, False) for one in settled.others]
    firing = [one for one, _ in every if one.fires]
    return news | {
        "links": links(about | {"segment": lead.segment}, _start(lead)),
        "group": {
            "reason": settled.outcome.reason.value,
            "firing": len(firing),
            "changed": len(settled.changed),
            "recovered": settled.recovered,
        },
        "members": [_member(about, one, new) for one, new in every[:MOST_MEMBERS]],
        "members_left_out": max(0, len(every) - MOST_MEMBERS),
    }


def _member(about: dict[str, str], member: Member, new: bool) -> dict[str, Any]:
    start = _start(member)
    return {
        "alert": member.alert_id,
        "segment": member.segment,
        "state": member.state.value,
        "changed": new,
        "since": rfc3339(member.since),
        "window": start,
        "features": [_cut(name) for name in member.worst[:MOST_FEATURES]],
        "features_left_out": max(0, len(member.worst) - MOST_FEATURES),
        "links": links(about | {"segment": member.segment}, start),
    }


def _start(member: Member) -> str:
    """Return the window that tells why: the one that changed it, or in which it began to fire."""
    if member.news is None:
        return rfc3339(member.since)
    start: str = member.news["window"]["start"]
    return start


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
