"""What stands at the top of a model's page: how it stands, and of when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.dashboard.series import Scene
from app.dashboard.states import WORDS, kind_of
from app.domain.telling.overview import Judged
from app.domain.verdicts.judgement import WindowSummary


@dataclass(frozen=True, slots=True)
class Head:
    """The badge, and what its words are about."""

    kind: str
    word: str
    is_then: bool
    """Whether the page shows a window of before, while alerts are those of now."""
    elsewhere: Judged | None
    """What another monitor says now that is worse to hear."""
    earlier: str = ""
    """How the version before the champion stands, where nothing of the champion was judged."""


def head_of(
    scene: Scene,
    judged: Sequence[WindowSummary],
    shown: WindowSummary | None,
    before: datetime | None,
) -> Head:
    """Return the head of a page that shows a window of those that were judged, newest first."""
    kind, word = _badge(scene, shown, before)
    newest = judged[0].key.start if judged else None
    is_older = shown is not None and newest is not None and shown.key.start < newest
    is_then = scene.asked.as_of is not None or before is not None or is_older
    elsewhere = _elsewhere(scene, kind)
    if scene.is_before and kind != "plain" and before is None and not is_older:
        return Head("waiting", WORDS["waiting"], is_then, elsewhere, word)
    return Head(kind, word, is_then, elsewhere)


def _badge(scene: Scene, shown: WindowSummary | None, before: datetime | None) -> tuple[str, str]:
    if scene.deleted_at is not None:
        return "plain", "monitor deleted"
    if not scene.monitor.enabled:
        return "plain", "monitor disabled"
    if shown is None and before is not None:
        return "plain", "no such window"
    kind = "waiting" if shown is None else kind_of(shown.state, shown.warning)
    return kind, WORDS[kind]


def _elsewhere(scene: Scene, kind: str) -> Judged | None:
    """Return the worst that is said now, where this page does not say it."""
    worst = scene.worst
    if worst is None or worst.monitor == scene.query.monitor or scene.asked.version:
        return None
    said = kind_of(worst.state, worst.warning)
    return None if said in ("ok", "waiting", kind) else worst
