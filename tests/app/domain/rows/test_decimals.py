"""Numbers of the compiled loop are the interpreter's, bit by bit, or left to be read otherwise."""

import math
import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.rows.decimals import DECIMAL, FIVES, NONE, ODD, TENS, WHOLE, read_decimal


def read(text: str) -> tuple[int, int | float, int]:
    """What it is, its value, and where it ends."""
    raw = np.frombuffer(text.encode() or b" ", np.uint8)
    begin, *tables = (np.uint64(memory.ctypes.data) for memory in (raw, FIVES, TENS))
    kind, bits, end = read_decimal(begin, begin + np.uint64(len(text)), *tables)
    form = "<q" if kind == WHOLE else "<d"
    return kind, struct.unpack(form, struct.pack("<Q", int(bits)))[0], int(end) - int(begin)


ANY_FLOAT = st.integers(0, 2**64 - 1).map(
    lambda bits: struct.unpack("<d", bits.to_bytes(8, "little"))[0]
)
TEXTS = (
    ANY_FLOAT.filter(math.isfinite).map(repr)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: f"{x:.17e}")
    | st.floats(-1e6, 1e6).map(lambda x: f"{x:.20f}")
    | st.builds("{}.{}e{}".format, st.integers(), st.integers(0), st.integers(-350, 320))
    # half-way between two floats, and one beside it
    | st.builds(
        lambda bits, power, more: f"{(2 * bits + 1) * 2**power + more}e0",
        st.integers(2**53, 2**54),
        st.integers(0, 9),
        st.integers(-1, 1),
    )
)  # fmt: skip


@settings(max_examples=2_000)
@given(TEXTS)
@example("0.1")
@example("9007199254740993.0")
@example("2.2250738585072014e-308")
@example("1.7976931348623157e308")
@example("-0.0")
@example("6929495644600919.5")
@example("0.00012345678901234567")
def test_floats_are_the_nearest(text: str) -> None:
    kind, value, end = read(text)
    assert kind in {DECIMAL, ODD}
    if kind == DECIMAL:
        assert repr(value) == repr(float(text))
        assert end == len(text)


@pytest.mark.parametrize(
    "text", ["0.1", "-1234.5678", "1e22", "1.2345678901234567e-200", "0.0012345678901234567"]
)
def test_common_numbers_are_not_odd(text: str) -> None:
    assert read(text)[0] == DECIMAL


@given(st.integers())
def test_integers_keep_all_digits(number: int) -> None:
    kind, value, end = read(str(number))
    assert (kind, value) == (WHOLE, number) if abs(number) < 2**63 else kind == ODD
    assert end == len(str(number))


@pytest.mark.parametrize(
    "text",
    ["", "-", "+1", "01", "-01", "00", "1.", ".5", "1e", "1e+", "1.e1", "e1", "x", " 1", "--1"],
)
def test_what_is_no_number_of_json(text: str) -> None:
    assert read(text)[0] == NONE


@pytest.mark.parametrize(("text", "end"), [("1,2", 1), ("1.5]", 3), ("0x1", 1), ("1e5 ", 3)])
def test_it_ends_where_the_number_does(text: str, end: int) -> None:
    assert read(text)[2] == end
