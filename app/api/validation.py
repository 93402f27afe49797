"""What pydantic finds wrong, as faults; the values it saw stay out of them."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.domain.errors import Fault, Invalid
from app.domain.rows.pointing import pointer

Shape = TypeVar("Shape", bound=BaseModel)
DETAIL = "the request does not have the documented shape"


def read(shape: type[Shape], document: object) -> Shape:
    """Return a parsed document as a shape.

    Raises
    ------
    Invalid
        It does not have that shape; every fault has its pointer.
    """
    try:
        return shape.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        raise Invalid(DETAIL, tuple(_in_body(one["loc"], one["msg"]) for one in errors)) from None


def invalid(errors: Iterable[Mapping[str, Any]]) -> Invalid:
    """Return the error for what FastAPI found wrong with a request."""
    return Invalid(DETAIL, tuple(_fault(one["loc"], one["msg"]) for one in errors))


def _fault(place: tuple[str | int, ...], message: str) -> Fault:
    part, *rest = place
    if part == "body":
        return _in_body(tuple(rest), message)
    name = str(rest[0]) if rest else None
    return Fault(f"{part} parameter: {plain(message)}", field=name)


def _in_body(place: tuple[str | int, ...], message: str) -> Fault:
    field = next((step for step in reversed(place) if isinstance(step, str)), None)
    return Fault(plain(message), pointer(place), field=field)


def plain(message: str) -> str:
    """Return a message without pydantic's own prefix, beginning in lower case."""
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
