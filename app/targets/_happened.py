"""The event of a delivery, read back from the very bytes that webhooks carry."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.alerts.event import RESOLVED, TEST
from app.domain.alerts.links import API, PAGE, links
from app.targets._kind import Outgoing

FEATURES = 5
MEMBERS = 5


@dataclass(frozen=True, slots=True)
class Happened:
    """What kinds need of an event."""

    id: str
    type: str
    source: str
    time: str
    data: Mapping[str, Any]

    @property
    def is_test(self) -> bool:
        return self.type == TEST

    @property
    def is_over(self) -> bool:
        return self.type == RESOLVED

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.time)

    @property
    def run(self) -> str:
        """The name of the run that is asked for: the retraining's own, the same at every try."""
        return str(self.data.get("id") or self.id)

    def about(self) -> dict[str, str]:
        """Return what identifies an alert through all of its episodes.

        Those of all segments are one: which of them fire differs from message to message.
        """
        names = ("model", "version", "monitor")
        return {name: str(self.data.get(name) or "") for name in names}

    def identity(self, alone: str | None = None) -> dict[str, str]:
        """Return the same with a segment, which only messages of before there were groups have."""
        model, version, monitor = self.about().values()
        if alone is None:
            alone = "" if "group" in self.data else self.segment
        return {"model": model, "version": version, "segment": alone, "monitor": monitor}

    def identities(self) -> Sequence[dict[str, str]]:
        """Return all that the message is about: an end also of what was told before groups."""
        told = self.data.get("told_alone")
        alone = told if self.is_over and isinstance(told, list) else []
        return [self.identity(), *(self.identity(str(segment)) for segment in alone)]

    @property
    def segment(self) -> str:
        """The segment that the message is about first; empty: all rows."""
        return str(self.data.get("segment") or "")

    def link(self, public_url: str | None) -> str | None:
        """Return the page on which people read more."""
        return self._links(public_url).get(PAGE)

    def api_link(self, public_url: str | None) -> str | None:
        """Return where programs read more: of the window, or else of the model's alerts."""
        return self._links(public_url).get(API)

    def _links(self, public_url: str | None) -> dict[str, str]:
        about = self.about() | {"segment": self.segment}
        if public_url is None or not about["model"]:
            return {}
        window = self.data.get("window")
        start = window.get("start") if isinstance(window, Mapping) else None
        return {name: public_url + path for name, path in links(about, start).items()}

    def headline(self) -> str:
        """Return one line for people."""
        if self.is_test:
            return f"Leeway: this is a test of target {self.data.get('target', '')}"
        about = self.about()
        where = (
            about["model"] + (f", segment {self.segment}" if self.segment else "") + self._more()
        )
        if about["version"] not in ("", "*"):
            where += f" (version {about['version']})"
        state = "resolved" if self.is_over else "firing"
        where = f"{where}: {about['monitor']} is {state}"
        line = f"[{self.data.get('severity', '')}] {where}"
        detail = self._detail()
        return f"{line}: {detail}" if detail else line

    def _more(self) -> str:
        """Return how many others the message is about besides the first."""
        group = self.data.get("group")
        changed = group.get("changed") if isinstance(group, Mapping) else None
        more = int(changed or 1) - 1
        if more < 1:
            return ""
        words = f"{more} segment{'s' if more > 1 else ''}"
        return f" and {words} more" if self.segment else f", all rows and {words}"

    def lines(self) -> list[str]:
        """Return a line for each of the others that the message is about, as far as it names them.

        What changed comes first, what fires besides after it.
        """
        members = self.data.get("members")
        others = members[1:] if isinstance(members, list) else []
        told = [_line(one) for one in others[:MEMBERS] if isinstance(one, Mapping)]
        left = int(self.data.get("members_left_out") or 0) + max(0, len(others) - MEMBERS)
        return [*told, f"and {left} more"] if left else told

    def _detail(self) -> str:
        silence = self.data.get("silence")
        if isinstance(silence, Mapping) and not self.is_over:
            return f"no rows for {silence.get('minutes')} minutes"
        retraining = self.data.get("retraining")
        if isinstance(retraining, Mapping):
            return f"{retraining.get('id')}, {retraining.get('reason')}"
        named = self.data.get("features")
        features = [_name(one) for one in named] if isinstance(named, list) else []
        left = int(self.data.get("features_left_out") or 0) + max(0, len(features) - FEATURES)
        words = ", ".join(features[:FEATURES])
        return f"{words} and {left} more" if words and left else words


def happened(outgoing: Outgoing) -> Happened:
    """Return the event that is on its way."""
    document = json.loads(outgoing.body)
    return Happened(
        document["id"],
        document["type"],
        document["source"],
        document["time"],
        document.get("data") or {},
    )


def _name(feature: object) -> str:
    if isinstance(feature, Mapping):
        return str(feature.get("feature", ""))
    return str(feature)


def _line(member: Mapping[str, Any]) -> str:
    features = member.get("features")
    words = ", ".join(map(str, features)) if isinstance(features, list) else ""
    state = member.get("state") if member.get("changed") else "still firing"
    line = f"{member.get('segment') or 'all rows'} ({state})"
    return f"{line}: {words}" if words else line
