"""A plan as people read it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from app.apply.diff import ABSENT, Difference
from app.apply.plan import TO_DO, Action, Plan, Verb

SIGNS = {Verb.CREATE: "+", Verb.CHANGE: "~", Verb.DELETE: "-", Verb.LEAVE: "?"}
STYLES = {Verb.CREATE: "green", Verb.CHANGE: "yellow", Verb.DELETE: "red", Verb.LEAVE: "dim"}
LONGEST = 80
MOST_LEFT = 10
HIDDEN = "(hidden: not a reference)"
SECRET = re.compile(r"secret|token|password|credential|(\b|_)keys?(\b|_)", re.IGNORECASE)
REFERENCE = re.compile(r"(env|file):\S+")
USER = re.compile(r"://[^/@\s]*@")


def show(plan: Plan, out: Console) -> None:
    """Print what is to be done, field by field, and the sums."""
    left = [action for action in plan.actions if action.verb is Verb.LEAVE]
    for action in plan.actions:
        if action.verb is Verb.LEAVE and action not in left[:MOST_LEFT]:
            continue
        for line in lines(action):
            out.print(Text(line, STYLES.get(action.verb, "")), soft_wrap=True)
    if len(left) > MOST_LEFT:
        out.print(Text(f"? and {len(left) - MOST_LEFT} more", STYLES[Verb.LEAVE]))
    out.print(summary(plan), soft_wrap=True)


def summary(plan: Plan) -> str:
    """Return the sums in a line."""
    verbs = [verb for verb in Verb if plan.count(verb) or verb in TO_DO]
    return ", ".join(f"{plan.count(verb)} {_said(verb)}" for verb in verbs) + "."


def _said(verb: Verb) -> str:
    return f"to {verb}" if verb in TO_DO else str(verb)


def lines(action: Action) -> Iterator[str]:
    """Yield the lines of one resource; none where nothing changes."""
    if action.verb is Verb.KEEP:
        return
    note = " (not in file)" if action.verb is Verb.LEAVE else ""
    yield f"{SIGNS[action.verb]} {action.address}{note}"
    for one in action.differences:
        yield f"    {difference(one)}"


def difference(one: Difference) -> str:
    """Return one member, with its old value and its new one."""
    path = one.path or "(all)"
    if one.old is ABSENT:
        return f"{path}: {value(path, one.new)}"
    if one.new is ABSENT:
        return f"{path}: {value(path, one.old)} -> (none)"
    return f"{path}: {value(path, one.old)} -> {value(path, one.new)}"


def value(path: str, found: Any) -> str:  # noqa: ANN401  a JSON value
    """Return a value, cut where it is long; of secrets only references are shown."""
    text = json.dumps(masked(path, found), ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def masked(path: str, found: Any) -> Any:  # noqa: ANN401  a JSON value
    """Hide what may be a secret that somebody wrote where its reference belongs."""
    match found:
        case dict():
            return {name: masked(f"{path}.{name}", one) for name, one in found.items()}
        case list():
            return [masked(path, one) for one in found]
        case str() if SECRET.search(path) and not REFERENCE.fullmatch(found):
            return HIDDEN
        case str():
            return USER.sub("://…@", found)
        case _:
            return found
