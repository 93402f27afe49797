"""What the service has declared now, by address, in the form in which files declare it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.apply.kinds import Address, Kind, children, filled
from app.apply.service import Service
from app.apply.shapes import Body, Shapes

DECLARED = "declared"
State = dict[Address, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the state of a service."""

    service: Service
    shapes: Shapes

    def state(self, parents: Collection[str] | None = None) -> State:
        """Return all that is declared; of ``parents`` only, where they are given, what is in them.

        A service with many models need not be asked for each, where a file names few.
        """
        return dict(self._within(None, (), parents))

    def _within(
        self, parent: str | None, names: tuple[str, ...], parents: Collection[str] | None
    ) -> Iterator[tuple[Address, dict[str, Any]]]:
        for kind in children(parent):
            body = self.shapes.body(kind)
            if body is None:
                continue
            for address, declared in self._kind(kind, body, names):
                yield address, declared
                if parents is None or address.names[-1] in parents:
                    yield from self._within(kind.section, address.names, None)

    def _kind(
        self, kind: Kind, body: Body, names: tuple[str, ...]
    ) -> Iterator[tuple[Address, dict[str, Any]]]:
        path = filled(kind.listing, names)
        if kind.single:
            found = self.service.one(path)
            if found is not None:
                yield Address(kind.section, names), self._declared(kind, body, found)
            return
        for item in self.service.items(path):
            yield Address(kind.section, (*names, item["name"])), self._declared(kind, body, item)

    def _declared(self, kind: Kind, body: Body, answer: Any) -> dict[str, Any]:  # noqa: ANN401
        told = self.shapes.projected(body.declared, _as_declared(answer))
        full: dict[str, Any] = self.shapes.complete(kind, body, told)
        return full


def _as_declared(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer with members as they were declared, where it says what they come to."""
    return {**answer, **answer.get(DECLARED, {})}
