"""Verdicts and alerts as the few kinds of state that pages show in words and shapes."""

from drift_core import State

KINDS = {
    State.DRIFT.value: "drift",
    State.OK.value: "ok",
    State.INSUFFICIENT_DATA.value: "unjudged",
    State.ERROR.value: "error",
}
WORDS = {
    "drift": "drift",
    "warning": "warning",
    "ok": "ok",
    "unjudged": "not enough data",
    "error": "error",
    "waiting": "not judged yet",
}
NOT_JUDGED = frozenset({"unjudged", "error", "waiting"})
"""Kinds of what has no verdict, and so no number that could be taken for calm."""
WORST_FIRST = ("drift", "error", "warning", "unjudged", "waiting", "ok")


def kind_of(state: str | None, warning: bool = False) -> str:
    """Return the kind of what was said; nothing said yet is a kind of its own."""
    if state is None:
        return "waiting"
    return "warning" if warning and state == State.OK else KINDS[state]
