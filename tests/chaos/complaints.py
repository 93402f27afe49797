"""What the replicas' own logs call an error: nothing is, while a fault lasts, but a defect."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ERRORS = ("error", "critical")
FOLDERS = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+")
"""Of an absolute path all but the file's own name."""


def complaints(logs: Iterable[Path]) -> Counter[str]:
    """Count the errors of all logs, by event and exception."""
    found: Counter[str] = Counter()
    for log in logs:
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("{") and (said := _error(line)):
                found[said] += 1
    return found


def _error(line: str) -> str | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None  # a kill tore it
    if document.get("level") not in ERRORS:
        return None
    raised = str(document.get("exception", "")).strip().splitlines()
    why = raised[-1] if raised else str(document.get("detail", ""))
    event = str(document.get("event")).splitlines()
    # numbers, addresses and folders differ from machine to machine, what happened does not
    said = FOLDERS.sub("", " ".join([*event[:2], why]).strip())
    return re.sub(r"0x[0-9a-f]+|[0-9]+", "N", said)[:300]
