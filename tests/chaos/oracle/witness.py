"""What the client knows: what it sent, what it was told, and what the receiver heard."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.plan import Kind

Answer = Mapping[str, Any]
Identity = tuple[str, str]
"""Name and kind of a batch: one that reuses a key has the name of another."""


@dataclass(slots=True)
class Sent:
    """One batch as the client knows it."""

    model: str
    level: int
    parts: Mapping[int, int]
    kind: Kind
    form: str
    object: str = ""
    """Key of an object."""
    sends: int = 0
    broken: int = 0
    answers: list[Answer] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(self.parts.values())

    @property
    def acknowledged(self) -> list[Answer]:
        return [answer for answer in self.answers if answer["status"] == 200]


@dataclass(slots=True)
class Witness:
    """All batches, and each event that was heard with the digests of its bodies."""

    batches: dict[Identity, Sent]
    heard: Mapping[str, Counter[str]]
    runs: Mapping[str, int | None] = field(default_factory=dict)
    """What each run that was asked for was answered in the end; None: it has not come so far."""

    def counted(self) -> dict[str, Sent]:
        """Return the batches that were posted and must count, by name."""
        return {
            name: sent
            for (name, _), sent in self.batches.items()
            if sent.kind.counts and not sent.kind.stored
        }

    def objects(self) -> dict[str, Sent]:
        """Return what was put into object storage, by name."""
        return {name: sent for (name, _), sent in self.batches.items() if sent.kind.stored}

    def answers(self) -> Iterable[Answer]:
        for sent in self.batches.values():
            yield from sent.answers


def recall(
    lines: Iterable[Mapping[str, Any]],
    heard: Iterable[Mapping[str, Any]],
    runs: Iterable[Mapping[str, Any]] = (),
) -> Witness:
    """Read the logs of the client, of the receiver and of the orchestrator."""
    batches: dict[Identity, Sent] = {}
    for line in lines:
        identity = (line["name"], line["kind"])
        match line["op"]:
            case "batch":
                sent = _sent(line)
                batches.setdefault(identity, sent)
            case "send":
                batches[identity].sends += 1
                batches[identity].object = line.get("object", "")
            case "broken":
                batches[identity].broken += 1
            case "answer":
                batches[identity].answers.append(line)
    events: dict[str, Counter[str]] = defaultdict(Counter)
    for line in heard:
        events[line["id"]][line["digest"]] += 1
    answered: dict[str, int | None] = {}
    for line in runs:
        answered[line["id"]] = line.get("status", answered.get(line["id"]))
    return Witness(batches, events, answered)


def _sent(line: Mapping[str, Any]) -> Sent:
    return Sent(line["model"], line["level"], dict(line["parts"]), Kind(line["kind"]), line["form"])
