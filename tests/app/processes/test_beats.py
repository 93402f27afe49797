"""Signs of life: whatever pieces they come in, the last whole one counts."""

from hypothesis import given
from hypothesis import strategies as st

from app.processes.beats import BEAT, Beats

NUMBERS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20)


@given(NUMBERS, st.data())
def test_a_stream_that_is_cut_anywhere_tells_its_last_number(
    numbers: list[int], data: st.DataObject
) -> None:
    stream = b"".join(map(BEAT.pack, numbers))
    beats, heard, told = Beats(), 0, 0
    while told < len(stream):
        size = data.draw(st.integers(1, len(stream) - told))
        heard = beats.last(stream[told : told + size], heard)
        told += size
        whole = told // BEAT.size
        assert heard == (numbers[whole - 1] if whole else 0)
