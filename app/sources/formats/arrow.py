"""Arrow IPC, stream and file: typed columns that need no decoding, only trust in their sizes."""

import pyarrow as pa

from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, NoRows, TooLarge
from app.sources.formats._arrow import REFUSED, from_arrow, hold_schema, too_long
from app.sources.formats._layout import read_plain
from app.sources.formats._messages import MAGIC, claims_of
from app.sources.formats._spec import COLUMNAR, Format, Limits


def decode(body: bytes, limits: Limits) -> Table:
    """Return the columns of an Arrow IPC body; nested ones are named, but not read."""
    if not body:
        raise Invalid("the body is empty", (Fault("empty body"),))
    try:
        return _decode(body, limits)
    except Invalid:
        raise
    except REFUSED as error:
        raise Invalid(
            "the body is not a whole and sound Arrow stream or file", (Fault("unreadable Arrow"),)
        ) from error


def _decode(body: bytes, limits: Limits) -> Table:
    # what lies in a file must not be looked into once the file is gone
    plain = read_plain(body, limits) if isinstance(body, bytes) else None
    if plain is not None:
        return plain
    claims = claims_of(memoryview(body))
    if claims.rows > limits.rows:
        raise TooLarge(f"the body holds more than {limits.rows} rows", (Fault("too many rows"),))
    if claims.opened > limits.decoded:
        raise too_long(limits)
    options = pa.ipc.IpcReadOptions(use_threads=False)
    is_file = body[: len(MAGIC)] == MAGIC
    with (pa.ipc.open_file if is_file else pa.ipc.open_stream)(body, options=options) as reader:
        hold_schema(reader.schema, limits)
        table = reader.read_all()
    if table.num_rows == 0:
        raise NoRows("the body holds no rows", (Fault("no rows"),))
    return from_arrow(table, limits)


FORMAT = Format(
    "arrow",
    ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"),
    decode,
    COLUMNAR,
    columnar=True,
)
