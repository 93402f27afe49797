"""The workload, drawn from a seed: batches that are told apart by the cells they count in.

Batches of one model go in groups of two panes, a batch of each *level* in every group. All rows of
a batch carry its level, in a numeric and in a categorical feature, so the counts of one cell of one
pane are the rows of one batch: lost, doubled and partial batches have names. How large a batch is
depends on its level alone, so every window has the shape of the reference and is calm, unless its
group is one in which ``x`` moves: then an alert fires, and resolves in the next group.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

PANE = 900
PANES = 2
"""Panes of a group."""
LARGEST = 500
SPARE = 2
"""Levels that only refused batches carry: their cells must stay empty."""
HELD_BACK = 0.04
KEYLESS = 0.1
BAD = 0.01
OBJECT_FORMS = ("json", "csv", "parquet", "ndjson")
FURTHEST = 8
"""Groups by which a batch that is held back comes late, at most."""


class Kind(StrEnum):
    """How a batch is sent."""

    KEYED = "keyed"
    KEYLESS = "keyless"
    BAD = "bad"
    REUSED = "reused"
    OBJECT = "object"
    BROKEN = "broken object"
    RECUT = "recut"

    @property
    def refused(self) -> bool:
        return self in (Kind.BAD, Kind.REUSED)

    @property
    def stored(self) -> bool:
        """Whether it is put into object storage instead of being posted."""
        return self in (Kind.OBJECT, Kind.BROKEN)

    @property
    def counts(self) -> bool:
        return self in (Kind.KEYED, Kind.KEYLESS, Kind.OBJECT)


@dataclass(frozen=True, slots=True)
class Shape:
    """What all batches of a run have in common; ``origin`` is when the first group begins."""

    seed: int
    origin: int
    models: int = 8
    levels: int = 64
    forms: tuple[str, ...] = ("json", "columns", "csv", "parquet")
    objects: float = 0.0
    """Share of batches that come as objects."""

    def rows(self, level: int) -> int:
        """Return the rows of every batch of a level: 1 to 500, most of them small."""
        return int(LARGEST ** (level / max(1, self.levels - 1)) + 0.5)

    def pane(self, group: int, index: int) -> int:
        return self.origin + (group * PANES + index) * PANE

    def name(self, model: int) -> str:
        return f"m{model}"

    def unique(self, model: int) -> bool:
        """Whether rows of a model have ids, each of which counts once: those of the last one."""
        return model == self.models - 1


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch; ``parts`` are its rows by start of pane."""

    name: str
    model: str
    group: int
    level: int
    parts: tuple[tuple[int, int], ...]
    moved: bool
    kind: Kind
    form: str
    zipped: bool
    ids: bool = False
    whole: "Batch | None" = None
    """The batch that some of whose rows this one brings again, under a name of its own."""
    begin: int = 0
    """The first of these rows."""

    @property
    def rows(self) -> int:
        return sum(rows for _, rows in self.parts)


class Workload:
    """Batches in the order in which they are sent; asked again, others follow."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._draw = random.Random(shape.seed)
        self._held: list[tuple[int, int, Batch]] = []
        self._number = 0
        self.group = 0
        """The last group that was begun."""

    def __iter__(self) -> Iterator[Batch]:
        while True:
            while self._held and self._held[0][0] <= self._number:
                yield heapq.heappop(self._held)[2]
            batch = self._next()
            if self._draw.random() < HELD_BACK:
                wait = self._draw.randint(1, FURTHEST * self._shape.levels * self._shape.models)
                heapq.heappush(self._held, (self._number + wait, self._number, batch))
            else:
                yield batch

    def last(self) -> list[Batch]:
        """Return what is still held back, and two whole groups by which everything closes.

        The first is the fresh traffic that must get a verdict, the second moves the watermark on.
        """
        held = [batch for _, _, batch in sorted(self._held)]
        self._held.clear()
        largest = self._shape.levels - 1
        ways = [Kind.KEYED, Kind.OBJECT] if self._shape.objects else [Kind.KEYED]
        return held + [
            self.batch(model, self.group + beyond, largest - place, kind)
            for beyond in (2, 6)
            for model in range(self._shape.models)
            for place, kind in enumerate(ways)
        ]

    def _next(self) -> Batch:
        shape = self._shape
        turn, model = divmod(self._number, shape.models)
        self._number += 1
        self.group, level = divmod(turn, shape.levels)
        if self._draw.random() < BAD:
            # it stands for nobody: the batch of this level goes on being the next one's
            self._number -= 1
            return self.bad(model, self.group)
        return self.batch(model, self.group, level, self._kind())

    def _kind(self) -> Kind:
        if self._draw.random() < self._shape.objects:
            return Kind.OBJECT
        return Kind.KEYLESS if self._draw.random() < KEYLESS else Kind.KEYED

    def batch(self, model: int, group: int, level: int, kind: Kind) -> Batch:
        shape, rows = self._shape, self._shape.rows(level)
        first = (rows + level % 2) // 2
        parts = [(shape.pane(group, i), n) for i, n in enumerate((first, rows - first)) if n]
        return Batch(
            name=f"{shape.name(model)}-{group}-{level}",
            model=shape.name(model),
            group=group,
            level=level,
            parts=tuple(parts),
            moved=(group + model) % 2 == 1,
            kind=kind,
            form=self._draw.choice(OBJECT_FORMS if kind is Kind.OBJECT else shape.forms),
            zipped=self._draw.random() < 0.3,
            ids=shape.unique(model),
        )

    def bad(self, model: int, group: int) -> Batch:
        """Return a batch whose last row has no proper time, or an object that was cut short.

        It has a level of its own, whose cells must stay empty.
        """
        shape, serial = self._shape, self._draw.getrandbits(40)
        broken = self._draw.random() < 5 * shape.objects
        return Batch(
            name=f"{shape.name(model)}-bad-{serial}",
            model=shape.name(model),
            group=group,
            level=shape.levels,
            parts=((shape.pane(group, 0), self._draw.randint(2, 50)),),
            moved=False,
            kind=Kind.BROKEN if broken else Kind.BAD,
            form="parquet" if broken else "json",
            zipped=False,
            ids=shape.unique(model),
        )


def reuse(batch: Batch, levels: int) -> Batch:
    """Return other rows that claim the key of a batch that was acknowledged."""
    return replace(batch, level=levels + 1, kind=Kind.REUSED, form="json", zipped=False)


def recut(batch: Batch, draw: random.Random) -> Batch:
    """Return some rows of a batch with ids that was acknowledged, as a batch of their own."""
    begin, end = sorted(draw.sample(range(batch.rows + 1), 2))
    parts, at = [], 0
    for pane, rows in batch.parts:
        inside = min(end, at + rows) - max(begin, at)
        if inside > 0:
            parts.append((pane, inside))
        at += rows
    name = f"{batch.name}-cut-{draw.getrandbits(40)}"
    return replace(batch, name=name, parts=tuple(parts), kind=Kind.RECUT, whole=batch, begin=begin)
