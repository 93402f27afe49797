"""What a first start says, with a terminal and without one."""

from io import StringIO
from threading import Event

from rich.console import Console

from app.loading import LINE, loading

PATIENCE = 60.0


class Heard(StringIO):
    """Text that tells when some of it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def write(self, text: str, /) -> int:
        found = super().write(text)
        self.written.set()
        return found


def test_without_a_terminal_a_long_start_says_one_plain_line() -> None:
    heard = Heard()
    with loading(Console(file=heard), patience=0.0):
        assert heard.written.wait(PATIENCE)
    assert heard.getvalue().split("\n")[0] == LINE
    assert "\x1b" not in heard.getvalue()


def test_a_short_start_says_nothing() -> None:
    heard = Heard()
    with loading(Console(file=heard), patience=PATIENCE):
        pass
    assert heard.getvalue() == ""


def test_a_terminal_has_a_spinner_that_goes_away() -> None:
    heard = Heard()
    with loading(Console(file=heard, force_terminal=True), patience=0.0):
        assert heard.written.wait(PATIENCE)
    assert LINE not in heard.getvalue()
