"""How much memory this process takes, and the most it took since it was asked to watch."""

import resource
import sys
from pathlib import Path

_MB = 1024.0
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def watch() -> float:
    """Forget the peak so far, where the system can; return what is held now, in MB."""
    try:
        _CLEAR.write_text("5")
        return _status("VmRSS")
    except OSError:
        return peak()


def peak() -> float:
    """Return the most that was held since `watch`, or ever where that cannot be told apart."""
    if _STATUS.exists():
        return _status("VmHWM")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / _MB / (_MB if sys.platform == "darwin" else 1)


def _status(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) / _MB
