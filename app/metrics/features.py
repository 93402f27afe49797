"""What judgements say of features, kept as text: nearly all there is, and it never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.telling.reports import FeatureClass, LatestJudgement, StoredVerdict
from app.metrics.budget import allotted, worst
from app.metrics.judged import judged
from app.metrics.text import Parts
from app.ports import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """One judgement as text."""

    shown: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class Due:
    """Judgements that are to be made into text, with what that takes."""

    judgements: Sequence[LatestJudgement]
    shown: Mapping[int, int]
    features: Mapping[int, Sequence[StoredVerdict]]


class Features:
    """Text of the judgements of the last rendering, by their ids."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._classes: dict[int, Mapping[FeatureClass, int]] = {}
        self._told: dict[int, Told] = {}

    async def due(self, unit: Unit, judgements: Sequence[LatestJudgement]) -> Due:
        """Read what is not text yet, or tells of more features now, or of fewer."""
        ids = [one.id for one in judgements]
        new = [id_ for id_ in ids if id_ not in self._classes]
        found = await unit.views.feature_classes(new)
        known = self._classes
        self._classes = {id_: known[id_] if id_ in known else found.get(id_, {}) for id_ in ids}
        share = allotted([self._classes[id_] for id_ in ids], self._limit)
        shown = dict(zip(ids, share, strict=True))
        due = [one for one in judgements if self._changed(one.id, shown[one.id])]
        read = [one.id for one in due if shown[one.id]]
        return Due(due, shown, await unit.views.features(read))

    def _changed(self, judgement: int, shown: int) -> bool:
        told = self._told.get(judgement)
        return told is None or told.shown != shown

    def tell(self, due: Due) -> Sequence[Parts]:
        """Return all text, in the order of what was asked for."""
        made = {one.id: self._text(one, due) for one in due.judgements}
        self._told = {id_: made.get(id_) or self._told[id_] for id_ in due.shown}
        return [told.parts for told in self._told.values()]

    def _text(self, one: LatestJudgement, due: Due) -> Told:
        shown = due.shown[one.id]
        features = worst(due.features.get(one.id, ()), shown)
        return Told(shown, judged(one, self._classes[one.id], features))
