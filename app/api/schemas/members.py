"""Members of an object that its shape does not know: which they are, and which there are."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from app.domain.alike import alike
from app.domain.errors import MAX_FAULTS

UNKNOWN = "unknown_member"


def refuse_members(title: str, given: Mapping[str, object], known: Sequence[str]) -> None:
    """Refuse an object with members that are not known; ``title`` is that of its shape.

    Raises
    ------
    ValidationError
        Names each of them with its place, what was probably meant, and all that there are.
    """
    strange = [name for name in given if name not in known]
    if not strange:
        return
    meant = alike(strange, known)
    # as many as are listed, and one that says that there are more
    raise ValidationError.from_exception_data(
        title, [_error(name, meant.get(name), known) for name in strange[: MAX_FAULTS + 1]]
    )


def _error(name: str, meant: str | None, known: Sequence[str]) -> InitErrorDetails:
    said = f"; was '{meant}' meant?" if meant else ""
    there = f" There are: {', '.join(known)}" if meant else f"; there are: {', '.join(known)}"
    # the template is ours: names of the sender's stay out of it
    said = f"there is no such member{said}{there}"
    return InitErrorDetails(type=PydanticCustomError(UNKNOWN, said), loc=(name,), input=None)
