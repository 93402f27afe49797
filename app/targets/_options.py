"""Options of a kind, declared once: the fields, their documentation, and how they are read.

What stands in a field's metadata is its JSON schema, so the API documents what is checked here.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING
from typing import Any, TypeVar

from app.domain.errors import Fault, Invalid
from app.egress import read_url
from app.targets._secrets import check_reference
from app.targets._template import faults as template_faults

O = TypeVar("O")  # noqa: E741  the options of a kind

URI = "uri"
"""The ``format`` of an option that is a URL: its address is checked when it is declared."""
SECRET = "secret-reference"  # noqa: S105  a format's name
TEMPLATE = "template"
LONGEST = 1_024
LARGEST = 16_384
"""Bytes of an option that is an object."""


def text_field(
    description: str,
    example: str,
    *,
    default: Any = MISSING,  # noqa: ANN401  as of a dataclass's field
    pattern: str | None = None,
    enum: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401
    """Return a field that holds a text."""
    more: dict[str, object] = {"maxLength": LONGEST}
    if pattern:
        more["pattern"] = pattern
    if enum:
        more = {"enum": list(enum)}
    return _field(description, example, default, more)


def url_field(description: str, example: str, *, default: Any = MISSING) -> Any:  # noqa: ANN401
    """Return a field that holds a URL."""
    return _field(description, example, default, {"format": URI})


def secret_field(description: str, example: str, *, default: Any = MISSING) -> Any:  # noqa: ANN401
    """Return a field that says where a secret lies."""
    where = f"{description} Given as env:NAME or file:/path: read at each use, never stored."
    return _field(where, example, default, {"format": SECRET})


def template_field(description: str, example: Mapping[str, object]) -> Any:  # noqa: ANN401
    """Return an optional field that holds an object with ``${path}`` in its texts."""
    return _field(description, example, None, {"type": ["object", "null"], "format": TEMPLATE})


def _field(description: str, example: object, default: Any, more: Mapping[str, object]) -> Any:  # noqa: ANN401
    metadata = {"description": description, "examples": [example], **more}
    if default is not MISSING and default is not None:
        metadata["default"] = default
    return dataclasses.field(default=default, metadata=metadata)


def secrets_of(options: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  of any kind
    """Yield the names of options that are set to references to secrets, with these."""
    for field in dataclasses.fields(options):
        reference = getattr(options, field.name)
        if field.metadata.get("format") == SECRET and reference is not None:
            yield field.name, reference


def reader(
    declared: type[O], also: Callable[[O], list[Fault]] = lambda _: []
) -> Callable[[Mapping[str, object]], O]:
    """Return what reads the options of ``declared``; ``also`` finds faults between them.

    An option may be absent or null where the dataclass has a default. What it returns raises
    `Invalid`, with a fault for each option that is unknown, missing or wrong.
    """
    fields = {field.name: field for field in dataclasses.fields(declared)}  # type: ignore[arg-type]

    def read(options: Mapping[str, object]) -> O:
        faults = [
            Fault("there is no such option", f"/{_escaped(name)}")
            for name in options
            if name not in fields
        ]
        values: dict[str, object] = {}
        for name, field in fields.items():
            value = options.get(name)
            if value is None:
                if field.default is MISSING:
                    faults.append(Fault("this option is required", f"/{name}"))
                continue
            faults += _wrong(field, value)
            values[name] = value
        _raise(faults)
        made = declared(**values)
        _raise(also(made))
        return made

    return read


def _wrong(field: "dataclasses.Field[Any]", value: object) -> list[Fault]:
    pointer, schema = f"/{field.name}", field.metadata
    if schema.get("format") == TEMPLATE:
        return _wrong_object(value, pointer)
    if not isinstance(value, str) or not value:
        return [Fault("this must be a text that is not empty", pointer)]
    if schema.get("format") == URI:
        return _wrong_url(value, pointer)
    said = _wrong_text(schema, value)
    return [] if said is None else [Fault(said, pointer)]


def _wrong_url(value: str, pointer: str) -> list[Fault]:
    try:
        read_url(value, pointer)
    except Invalid as error:
        return list(error.faults)
    return []


def _wrong_text(schema: Mapping[str, Any], value: str) -> str | None:
    if schema.get("format") == SECRET:
        return check_reference(value)
    if "enum" in schema:
        known = schema["enum"]
        return None if value in known else f"this must be one of: {', '.join(known)}"
    if len(value) > LONGEST:
        return f"this is longer than {LONGEST} characters"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"this must match {schema['pattern']}"
    return None


def _wrong_object(value: object, pointer: str) -> list[Fault]:
    if not isinstance(value, Mapping):
        return [Fault("this must be an object", pointer)]
    try:
        size = len(json.dumps(value, allow_nan=False))
    except (ValueError, RecursionError):
        return [Fault("this is not JSON", pointer)]
    if size > LARGEST:
        return [Fault(f"this is larger than {LARGEST} bytes", pointer)]
    return list(template_faults(value, pointer))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise Invalid("the options of the target are wrong", tuple(faults))
