"""What object storage answers, as troubles with a code; its own words may hold what is secret."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import (
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from app.domain.sources.source import GONE, Trouble

STATUS = re.compile(r"status code: (\d{3})")
NO_PATH = re.compile("parsing Path|empty path segment|non-unicode characters")
"""What is said of a key that cannot be a path."""
NO_PARTS = frozenset({"", ".", ".."})
CONTROL = re.compile("[\x00-\x1f\x7f]")
"""Characters that no path may hold; line breaks and tabs are among them."""
SURROGATE = re.compile("[\ud800-\udfff]")
"""What a name's bytes become that are not UTF-8."""
DETAILS = {
    "gone": "the object is not there any more",
    "replaced": "the object was overwritten before it was read; its new content counts as new",
    "denied": "the store refuses these credentials",
    "no-bucket": "there is no such bucket or folder",
    "throttled": "the store asks for fewer requests",
    "store-error": "the store failed",
    "bad-key": "keys with empty parts, dots for a part, or control characters such as line "
    "breaks cannot be read; others beside them may be unseen",
    "link-leads-out": "the link leads out of the folders that LEEWAY_ALLOW opens",
    "unreachable": "the store could not be reached, or broke off",
}
BAD_KEY = "bad-key"
PASSING = frozenset(DETAILS) - GONE - {"link-leads-out"}


def trouble(code: str) -> Trouble:
    return Trouble(code, DETAILS[code], passing=code in PASSING)


def at_fault(part: str) -> bool:
    """Whether no path may have this part."""
    return part in NO_PARTS or bool(CONTROL.search(part) or SURROGATE.search(part))


@contextmanager
def told(missing: str) -> Iterator[None]:
    """Turn what obstore raises into `Trouble`; ``missing`` is what a 404 means here."""
    try:
        yield
    except FileNotFoundError:
        raise trouble(missing) from None
    except PreconditionError:
        raise trouble("replaced") from None
    except (PermissionDeniedError, UnauthenticatedError, PermissionError):
        raise trouble("denied") from None
    except (BaseError, OSError, ValueError) as error:
        raise trouble(_code(str(error), missing)) from None


def _code(message: str, missing: str) -> str:
    if NO_PATH.search(message):
        return BAD_KEY
    found = STATUS.search(message)
    if found is None:
        return missing if "NotFound" in message else "unreachable"
    status = int(found[1])
    if status in (401, 403):
        return "denied"
    if status == 404:
        return missing
    return "throttled" if status in (429, 503) else "store-error"
