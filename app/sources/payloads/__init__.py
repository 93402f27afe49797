"""Logs of what models were asked and answered, as other tools write them.

An open folder: a module here with a ``PAYLOAD`` is a kind of log.
"""

import importlib
import pkgutil
from pathlib import Path

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, TooLarge, Unsupported
from app.sources.formats import FORMATS, Limits, decode, inflate
from app.sources.payloads._spec import Columns, Payload, renamed

PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def _load() -> dict[str, Payload]:
    """Return every kind of log by name; a plain format is one whose columns are the model's."""
    found = {
        form.name: Payload(form.name, form.media_types[0], renamed) for form in FORMATS.values()
    }
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        if module.name.rpartition(".")[2].startswith("_"):
            continue
        payload = getattr(importlib.import_module(module.name), "PAYLOAD", None)
        if isinstance(payload, Payload):
            found[payload.name] = payload
    return found


PAYLOADS = _load()
"""Kinds of logs by name, plain formats among them."""


def find_payload(name: str) -> Payload:
    """Return the kind of log of this name.

    Raises
    ------
    Unsupported
        There is none; says which there are.
    """
    payload = PAYLOADS.get(name)
    if payload is None:
        readable = ", ".join(sorted(PAYLOADS))
        raise Unsupported(
            f"there is no such format; read are {readable}", (Fault("unknown format"),)
        )
    return payload


def decode_object(
    name: str, content: bytes | Path, columns: Columns | None = None, limits: Limits | None = None
) -> Table:
    """Return the rows of an object, or of a part of one that its format can be cut into.

    Parameters
    ----------
    name
        Of the kind of log, or of a plain format.
    content
        The object, or where it lies; it may be gzipped or in zstd, which its first bytes tell.
    columns
        What its fields mean to the model.
    limits
        Instead of the kind's own.

    Raises
    ------
    Unsupported
        There is no such kind.
    TooLarge, Invalid
        It cannot be read; names row and field where there are some.
    """
    payload = find_payload(name)
    held = limits or payload.limits or FORMATS[payload.media_type].limits
    body = content if isinstance(content, bytes) else _read(content, held)
    packed = next((PACKED[start] for start in PACKED if body.startswith(start)), None)
    table = decode(inflate(body, packed, held), payload.media_type, held)
    return reshaped(payload, table, columns, held)


def reshaped(payload: Payload, table: Table, columns: Columns | None, limits: Limits) -> Table:
    """Return decoded rows of a log as rows of a model: for what is read piece by piece.

    Raises
    ------
    TooLarge, Invalid
        They are not what this kind of log holds.
    """
    try:
        return payload.reshape(table, columns or Columns(), limits)
    except ValueError as error:
        raise Invalid(f"the columns cannot be named: {error}", (Fault(str(error)),)) from error


def _read(path: Path, limits: Limits) -> bytes:
    if path.stat().st_size > limits.body:
        raise TooLarge(f"the object has more than {limits.body} bytes", (Fault("too many bytes"),))
    return path.read_bytes()


__all__ = ["PAYLOADS", "Columns", "Payload", "decode_object", "find_payload", "reshaped"]
