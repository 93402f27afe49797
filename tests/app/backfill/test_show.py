"""What a backfill says: a bar on a terminal, lines elsewhere, nothing where nothing is wanted."""

import io
import time

from rich.console import Console

from app.backfill.show import EVERY, Shown, shown
from app.backfill.tally import Tally
from app.steps.enlist import Enlisted

TALLY = Tally(objects=3, rows=1_200, quarantined=1)
SAID = "4 of 10 objects, 1,200 rows"


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=terminal, width=120, color_system=None), file


def test_a_terminal_shows_a_bar() -> None:
    made, file = console(terminal=True)
    with shown(made, quiet=False) as found:
        found.listing(Enlisted(listed=10))
        found.counting(TALLY, 6)
    assert SAID in file.getvalue()
    assert "40%" in file.getvalue()


def test_elsewhere_a_line_is_printed_every_few_seconds() -> None:
    made, file = console(terminal=False)
    with shown(made, quiet=False) as found:
        found.counting(TALLY, 6)
        assert file.getvalue() == ""
    late = Shown(made, None, quiet=False, _said=time.monotonic() - EVERY)
    late.counting(TALLY, 6)
    late.counting(TALLY, 5)
    (line,) = file.getvalue().splitlines()
    assert line.startswith(SAID)
    assert line.endswith(", 1 quarantined")


def test_quiet_keeps_what_must_be_said() -> None:
    made, file = console(terminal=True)
    with shown(made, quiet=True) as found:
        found.counting(TALLY, 6)
        found.note("there is no model 'm'", "red")
    assert file.getvalue() == "there is no model 'm'\n"
