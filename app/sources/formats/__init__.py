"""From bytes to columns. An open folder: a module here with a ``FORMAT`` is a format.

Pure and CPU-bound: whoever serves requests calls these functions off the event loop.
"""

import importlib
import pkgutil

from app.domain.alike import LONGEST
from app.domain.batch import Table
from app.domain.errors import Fault, Unsupported
from app.sources.formats._arrow import REFUSED, from_arrow, parted
from app.sources.formats._inflate import ENCODINGS, inflate
from app.sources.formats._rows import from_rows
from app.sources.formats._spec import Format, Limits
from app.sources.formats._strict import strict_json
from app.sources.formats._text import record_end


def _load() -> dict[str, Format]:
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        if module.name.rpartition(".")[2].startswith("_"):
            continue
        form = getattr(importlib.import_module(module.name), "FORMAT", None)
        if isinstance(form, Format):
            found |= dict.fromkeys(form.media_types, form)
    return found


FORMATS = _load()
"""Formats by media type."""
UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


def find_format(content_type: str | None) -> Format:
    """Return the format that a ``Content-Type`` names.

    Parameters such as ``charset=utf-8`` are tolerated; another charset is not, nor is CSV that
    says that it has no header.

    Raises
    ------
    Unsupported
        There is no content type, or none that is read here; says which are.
    """
    media_type, _, parameters = (content_type or "").partition(";")
    form = FORMATS.get(media_type.strip().lower())
    if form is None:
        came = media_type.strip()
        problem = f"{came[:LONGEST]!r} is not read here" if came else "is missing"
        readable = ", ".join(sorted(FORMATS))
        raise Unsupported(
            f"the content type {problem}; send one of {readable}",
            (Fault("unsupported content type"),),
        )
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        said = name.strip().lower(), value.strip().strip('"').lower()
        if said[0] == "charset" and said[1] not in UTF8:
            raise Unsupported("the charset must be utf-8", (Fault("unsupported charset"),))
        if form.name == "csv" and said == ("header", "absent"):
            raise Unsupported(
                "CSV needs a header: send the names of the columns as the first line",
                (Fault("no header"),),
            )
    return form


def decode(body: bytes, media_type: str, limits: Limits | None = None) -> Table:
    """Return the columns of a decompressed body.

    Rows are numbered from 0 in every fault; column names and positions are named, values never.

    Raises
    ------
    Unsupported
        There is no format of this media type.
    TooLarge
        One of ``limits`` (the format's own when not given) is passed.
    Invalid
        The bytes are not rows; names row and field where there are some.
    """
    form = find_format(media_type)
    return form.decode(body, limits or form.limits)


__all__ = [
    "ENCODINGS",
    "FORMATS",
    "REFUSED",
    "Format",
    "Limits",
    "decode",
    "find_format",
    "from_arrow",
    "from_rows",
    "inflate",
    "parted",
    "record_end",
    "strict_json",
]
