"""Lines for a shell in pages that have nothing to show yet: fit to be copied as they stand."""

import shlex

from jinja2 import pass_context
from jinja2.runtime import Context

from app.dashboard.links import Links

KEY = "KEY=\N{HORIZONTAL ELLIPSIS}    # one of LEEWAY_API_KEYS"


@pass_context
def curl(
    context: Context, *parts: str, method: str = "", json: str = "", csv: str = "", key: bool = True
) -> str:
    """Return a line that asks the service under the address that the reader called it by.

    ``json`` is a body, ``csv`` the name of a file that is one. ``key`` says whether this line is
    the first one, which tells what the variable ``KEY`` holds.
    """
    link: Links = context["link"]
    words = ["curl", *(("-X", method) if method else ()), shlex.quote(link.origin + link(*parts))]
    if link.has_keys:
        words += ["-H", '"Authorization: Bearer $KEY"']
    if json:
        words += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(json)]
    if csv:
        words += ["-H", "'Content-Type: text/csv'", "--data-binary", f"@{csv}"]
    line = " ".join(words)
    return f"{KEY}\n{line}" if link.has_keys and key else line
