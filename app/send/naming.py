"""Names of batches: the same rows of the same file have the same name, whoever sends them when."""

import hashlib

from app.send.order import Order
from app.send.part import Part
from app.send.reading import File


def prefix(file: File, order: Order) -> str:
    """Return what the names of a file's batches begin with.

    It goes by the file's bytes, not by its path, and by what else decides on a batch's rows and on
    where they are counted: the rows of a batch and the model's version.
    """
    about = f"{file.digest}\0{file.format}\0{order.rows}\0{order.version or ''}"
    return "file:" + hashlib.blake2b(about.encode(), digest_size=16).hexdigest()


def key(prefix: str, part: Part) -> str:
    """Return the Idempotency-Key of one batch."""
    return f"{prefix}:{part.number}"
