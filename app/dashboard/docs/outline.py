"""An OpenAPI document as the page shows it: operations by tag, schemas and errors, as values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.dashboard.docs.asking import curl
from app.dashboard.docs.prose import Prose, prose
from app.dashboard.docs.shapes import Member, Piece, limits, members, spelled

Document = Mapping[str, Any]
RESPONSE = "#/components/responses/"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of an operation; ``error`` names the one of those below that it is."""

    status: str
    about: str
    kind: tuple[Piece, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    about: Prose
    parameters: tuple[tuple[str, Member], ...]
    """Each with where it stands: path, query or header."""
    bodies: tuple[tuple[str, tuple[Piece, ...]], ...]
    answers: tuple[Answer, ...]
    asked: str
    """As a line for a shell."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What belongs together."""

    name: str
    about: Prose
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema that others name."""

    name: str
    about: Prose
    kind: tuple[Piece, ...]
    values: tuple[str, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Error:
    """An answer that every operation may give."""

    name: str
    status: str
    about: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole document."""

    title: str
    version: str
    about: Prose
    tags: tuple[Tag, ...]
    errors: tuple[Error, ...]
    shapes: tuple[Shape, ...]


def outline(document: Document) -> Outline:
    """Return what a document says."""
    info, parts = document["info"], document.get("components", {})
    by_tag: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    statuses: dict[str, str] = {}
    for path, method, one in _operations(document):
        found = _operation(document, path, method, one)
        statuses |= {answer.error: answer.status for answer in found.answers if answer.error}
        for tag in one.get("tags", ()):
            by_tag[tag].append(found)
    return Outline(
        info["title"],
        info["version"],
        prose(info["description"]),
        tuple(
            Tag(tag["name"], prose(tag["description"]), tuple(by_tag[tag["name"]]))
            for tag in document["tags"]
        ),
        tuple(_errors(parts.get("responses", {}), statuses)),
        tuple(_shape(name, one) for name, one in parts.get("schemas", {}).items()),
    )


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _operation(document: Document, path: str, method: str, one: Document) -> Operation:
    content = one.get("requestBody", {}).get("content", {})
    return Operation(
        one["operationId"],
        method.upper(),
        path,
        one["summary"],
        prose(one.get("description", "")),
        tuple(_parameter(parameter) for parameter in one.get("parameters", ())),
        tuple((kind, spelled(said.get("schema", {}))) for kind, said in content.items()),
        tuple(_answer(status, answer) for status, answer in one.get("responses", {}).items()),
        curl(document, path, method, one),
    )


def _parameter(one: Document) -> tuple[str, Member]:
    schema = one.get("schema", {})
    about = str(one.get("description", ""))
    required = bool(one.get("required"))
    return one["in"], Member(one["name"], spelled(schema), required, about, limits(schema))


def _answer(status: str, answer: Document) -> Answer:
    if reference := answer.get("$ref"):
        name = str(reference).removeprefix(RESPONSE)
        return Answer(status, "", (), name)
    content = answer.get("content", {})
    kinds = [spelled(one.get("schema", {})) for one in content.values()]
    return Answer(status, str(answer.get("description", "")), kinds[0] if kinds else (), None)


def _errors(responses: Document, statuses: Mapping[str, str]) -> Iterator[Error]:
    for name, one in responses.items():
        headers = one.get("headers", {})
        told = tuple((header, str(said.get("description", ""))) for header, said in headers.items())
        yield Error(name, statuses.get(name, ""), str(one.get("description", "")), told)


def _shape(name: str, one: Document) -> Shape:
    values = tuple(str(value) for value in one.get("enum", ()))
    described = one.get("properties") or values
    kind = () if described else spelled(one)
    return Shape(name, prose(str(one.get("description", ""))), kind, values, members(one))
