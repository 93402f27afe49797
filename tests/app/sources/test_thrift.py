"""Thrift's compact protocol: what readers could take in two ways is refused."""

import pytest

from app.sources.formats._thrift import I32, LIST, STRUCT, Compact

SOUND = bytes([0x15, 2, 0x25, 4, 0])


def fields(body: bytes) -> dict[int, int]:
    place = Compact(body)
    found = {}
    for field, _ in place.fields():
        found[field] = place.number()
    assert place.at == len(body)
    return found


def test_numbers_of_fields_are_steps_or_whole() -> None:
    assert fields(SOUND) == {1: 1, 3: 2}
    assert fields(bytes([I32, 10, 3, 0])) == {5: -2}


@pytest.mark.parametrize(
    "body",
    [
        bytes([0x15, 2, I32, 2, 4, 0]),
        bytes([I32, 0x84, 0x80, 0x08, 2, 0]),
        bytes([I32, 1, 2, 0]),
        bytes([0x15, *[0xFF] * 10, 1, 0]),
    ],
    ids=["twice", "of more bits", "below zero", "too long"],
)
def test_odd_fields_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"field|number"):
        fields(body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (LIST, b"\xfc\xff\xff\xff\x07"),
        (LIST, b"\x19" * 20),
        (STRUCT, b"\x1c" * 20),
        (11, b"\0"),
    ],
    ids=["too many", "lists too deep", "structs too deep", "a map"],
)
def test_what_would_never_end_is_refused(kind: int, body: bytes) -> None:
    with pytest.raises(ValueError, match=r"items|nested|holds"):
        Compact(body).skip(kind)
