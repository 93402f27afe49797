"""Content encodings: compressed bodies are opened piece by piece, never beyond the limits."""

import zlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

import zstandard

from app.domain.errors import Fault, Invalid, TooLarge, Unsupported
from app.sources.formats._spec import MEGABYTE, Limits

CHUNK = 256 * 1024
SMALL = 4 * MEGABYTE
"""A body that opens to less than this may have any ratio: there is nothing to win."""
MEMBERS = 10_000
"""Parts that a gzip body may be made of; block-wise writers make one for every 64 kB."""
GZIP_ONLY = 16 + zlib.MAX_WBITS
WINDOW = 8 * 1024 * 1024
"""Bytes that a zstd body may refer back to; what asks for more is made for files, not for HTTP."""
SIP = 512
"""Bytes of zstd fed at a time: four of them may open to 128 kB, and all must be taken at once."""

Pieces: TypeAlias = Callable[[bytes], Iterator[tuple[bytes, int]]]
"""Yields decompressed pieces, each with the number of compressed bytes read so far."""


def _gunzip(body: bytes) -> Iterator[tuple[bytes, int]]:
    view = memoryview(body)
    at = 0
    for _ in range(MEMBERS):
        member = zlib.decompressobj(GZIP_ONLY)
        while not member.eof:
            fed = member.unconsumed_tail or view[at : at + CHUNK]
            at += 0 if member.unconsumed_tail else len(fed)
            piece = member.decompress(fed, CHUNK)
            if not piece and not member.eof and at >= len(view) and not member.unconsumed_tail:
                raise Invalid("the gzip body ends too early", (Fault("truncated gzip"),))
            yield piece, at - len(member.unconsumed_tail)
        at -= len(member.unused_data)
        if at >= len(view):
            return
    raise TooLarge(
        f"the gzip body has more than {MEMBERS} members", (Fault("too many gzip members"),)
    )


def _unzstd(body: bytes) -> Iterator[tuple[bytes, int]]:
    view = memoryview(body)
    at = 0
    opener = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    for _ in range(MEMBERS):
        frame = opener.decompressobj()
        while not frame.eof:
            if at >= len(view):
                raise Invalid("the zstd body ends too early", (Fault("truncated zstd"),))
            fed = view[at : at + SIP]
            at += len(fed)
            yield frame.decompress(fed), at
        at -= len(frame.unused_data)
        if at >= len(view):
            return
    raise TooLarge(
        f"the zstd body has more than {MEMBERS} frames", (Fault("too many zstd frames"),)
    )


ENCODINGS: dict[str, Pieces] = {"gzip": _gunzip, "x-gzip": _gunzip, "zstd": _unzstd}
DAMAGED = (zlib.error, zstandard.ZstdError)


def inflate(body: bytes, encoding: str | None, limits: Limits) -> bytes:
    """Return a body as it was before its ``Content-Encoding``.

    Memory never exceeds the limit on decompressed bytes by more than a piece: 256 kB, of zstd
    16 MB at the very worst.

    Raises
    ------
    Unsupported
        The encoding is not read here, or several are stacked.
    TooLarge
        More bytes than ``limits.decoded`` come out, or more than ``limits.ratio`` times what
        went in.
    Invalid
        The bytes are damaged, cut short, or followed by others.
    """
    name = (encoding or "identity").strip().lower()
    if name == "identity":
        return _within(body, limits)
    pieces = ENCODINGS.get(name)
    if pieces is None:
        readable = ", ".join(sorted(ENCODINGS))
        raise Unsupported(
            f"the content encoding is not read here; send one of {readable}, or none",
            (Fault("unsupported content encoding"),),
        )
    if not body:
        raise Invalid("the body is empty", (Fault("empty body"),))
    try:
        return _gather(pieces(body), limits)
    except DAMAGED as error:
        raise Invalid(f"the {name} body is damaged", (Fault(f"damaged {name}"),)) from error


def _within(body: bytes, limits: Limits) -> bytes:
    if len(body) > limits.decoded:
        raise _too_long(limits)
    return body


def _gather(pieces: Iterator[tuple[bytes, int]], limits: Limits) -> bytes:
    out = bytearray()
    for piece, read in pieces:
        out += piece
        if len(out) > limits.decoded:
            raise _too_long(limits)
        if len(out) > SMALL and len(out) > limits.ratio * read:
            raise TooLarge(
                f"the body grows to more than {limits.ratio} times its size when decompressed",
                (Fault("compression ratio too high"),),
            )
    return bytes(out)


def _too_long(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the body holds more than {limits.decoded} bytes when decompressed",
        (Fault("too many bytes"),),
    )
