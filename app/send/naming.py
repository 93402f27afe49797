"""Names of batches: the same rows of the same file have the same name, whoever sends them when."""

import hashlib
from urllib.parse import urlencode

from app.domain.content import content_key, fingerprint
from app.domain.sources.sequence import Numbered
from app.send.order import Order
from app.send.part import Part
from app.send.reading import File

PREFIX = "file:"


def prefix(file: File, order: Order) -> str:
    """Return what the names of a file's batches begin with.

    It goes by the file's bytes, not by its path, and by what else decides on a batch's rows and on
    where they are counted: the rows of a batch and the model's version.
    """
    about = f"{file.digest}\0{file.format}\0{order.rows}\0{order.version or ''}"
    return PREFIX + hashlib.blake2b(about.encode(), digest_size=16).hexdigest()


def key(prefix: str, part: Part, version: str | None) -> str:
    """Return the Idempotency-Key of one batch.

    All rows of a file have the key that the service gives to a body without one: posted by hand and
    sent by ``leeway send`` a file then counts once, where its rows have ids or times.
    """
    if not part.whole:
        return f"{prefix}:{part.number}"
    query = "" if version is None else urlencode({"version": version})
    return content_key(fingerprint(part.body, part.media_type, query))


def number(prefix: str, part: Part, order: Order) -> Numbered | None:
    """Return the number of one batch, the same whenever it is sent; None where none is wanted.

    Each file is a run of its own, since others may be sent before what is left of it.
    """
    if not order.numbered:
        return None
    first = order.sequence or Numbered(f"file-{prefix.removeprefix(PREFIX)}", 1)
    return Numbered(first.epoch, first.number + part.number)
