"""Descriptions as they stand in the document: paragraphs, with double backquotes around code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bit:
    """Some text of one kind."""

    text: str
    code: bool


Prose = tuple[tuple[Bit, ...], ...]
"""Paragraphs."""


def prose(text: str) -> Prose:
    """Return the paragraphs of a description; every other piece between double backquotes is code.

    Examples
    --------
    >>> prose("Send ``KEY``.")[0][1]
    Bit(text='KEY', code=True)
    """
    return tuple(_bits(part) for part in text.split("\n\n") if part.strip())


def _bits(paragraph: str) -> tuple[Bit, ...]:
    pieces = " ".join(paragraph.split()).split("``")
    return tuple(Bit(piece, at % 2 == 1) for at, piece in enumerate(pieces) if piece)
