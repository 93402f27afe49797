"""Errors in logs are told alike wherever they happened, and name no folder of a machine."""

import json
from pathlib import Path

from tests.chaos.complaints import complaints


def test_errors_are_counted_by_what_happened(tmp_path: Path) -> None:
    where = 'Traceback\n  File "/home/me/x.y/lib/base.py", line {}, in f'
    lines = [
        {"level": "error", "event": where.format(7), "detail": "gone"},
        {"level": "error", "event": where.format(11).replace("/me/", "/you/"), "detail": "gone"},
        {"level": "info", "event": "fine"},
    ]
    log = tmp_path / "replica.log"
    log.write_text("\n".join(map(json.dumps, lines)) + '\n{"level": "error", "ev')
    assert complaints([log]) == {'Traceback   File "base.py", line N, in f gone': 2}
