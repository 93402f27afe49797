"""Tables that a phone shows as cards: every cell knows its column, and says what it is to readers.

A table that is laid out as anything else is no table to screen readers any more, so that each part
of it names its role. Only markup of our own templates comes in, whose names are escaped.
"""

import re

from markupsafe import Markup

ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "td": "cell",
    "col": "columnheader",
    "row": "rowheader",
}
HEAD = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
PART = re.compile(r"<(table|thead|tbody|tr|td|th)\b([^>]*)>")
SCOPE = re.compile(r'scope="(col|row)"')


def cards(table: Markup) -> Markup:
    """Return a table with roles, and with each cell's heading as its label.

    Examples
    --------
    >>> head = '<thead><tr><th scope="col">Of</th></tr></thead>'
    >>> made = cards(Markup(f"<table>{head}<tbody><tr><td>x</td></tr></tbody></table>"))
    >>> print(made.partition('<tbody role="rowgroup">')[2])
    <tr role="row"><td role="cell" data-label="Of">x</td></tr></tbody></table>
    """
    head, body, rest = str(table).partition("<tbody")
    labels = [Markup(one).striptags() for one in HEAD.findall(head)]  # noqa: S704  our own
    column = 0

    def told(found: re.Match[str]) -> str:
        nonlocal column
        tag, more = found.groups()
        scope = SCOPE.search(more)
        role = ROLES[scope[1] if scope else tag]
        if tag == "tr":
            column = 0
        if tag not in ("td", "th") or role == "columnheader":
            return f'<{tag}{more} role="{role}">'
        label = Markup.escape(labels[column]) if column < len(labels) else ""
        column += 1
        return f'<{tag}{more} role="{role}" data-label="{label}">'

    return Markup(PART.sub(told, head + body + rest))  # noqa: S704  all of it is escaped already
