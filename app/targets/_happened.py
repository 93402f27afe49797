"""The event of a delivery, read back from the very bytes that webhooks carry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from app.domain.alerts.event import RESOLVED, TEST
from app.targets._kind import Outgoing

FEATURES = 5


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
        """Return what identifies an alert through all of its episodes."""
        names = ("model", "version", "segment", "monitor")
        return {name: str(self.data.get(name) or "") for name in names}

    def link(self, public_url: str | None) -> str | None:
        """Return where people read more: of the window, or else of the model's alerts."""
        about = {name: value for name, value in self.about().items() if value}
        model = about.pop("model", None)
        if public_url is None or model is None:
            return None
        window = self.data.get("window")
        start = window.get("start") if isinstance(window, Mapping) else None
        if start is None:
            return f"{public_url}/v1/alerts?{urlencode({'model': model})}"
        return f"{public_url}/v1/models/{quote(model)}/windows/{start}?{urlencode(about)}"

    def headline(self) -> str:
        """Return one line for people."""
        if self.is_test:
            return f"Leeway: this is a test of target {self.data.get('target', '')}"
        about = self.about()
        where = about["model"] + (f", segment {about['segment']}" if about["segment"] else "")
        if about["version"] not in ("", "*"):
            where += f" (version {about['version']})"
        state = "resolved" if self.is_over else "firing"
        line = f"[{self.data.get('severity', '')}] {where}: {about['monitor']} is {state}"
        detail = self._detail()
        return f"{line}: {detail}" if detail else line

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
