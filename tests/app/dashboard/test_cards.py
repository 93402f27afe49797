"""Tables as cards: labels, roles, and nothing of a name becomes markup."""

from html.parser import HTMLParser

from markupsafe import Markup

from app.dashboard.cards import cards

TABLE = Markup(
    '<table class="full cards">\n<thead><tr><th scope="col">Source</th>'
    '<th scope="col" class="n">Rows &amp; more <span class="hidden">of it</span></th></tr></thead>'
    '<tbody><tr><th scope="row">a</th><td class="n">1</td></tr>'
    '<tr aria-current="true"><th scope="row">&lt;td&gt;b</th><td class="n">2<br>3</td></tr>'
    '<tr><td colspan="2">None.</td></tr></tbody></table>'
)


class Read(HTMLParser):
    """Keeps the attributes of every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_every_cell_is_labelled_by_its_column() -> None:
    found = [told for tag, told in Read(cards(TABLE)).tags if "data-label" in told]
    assert [told["data-label"] for told in found] == [
        *("Source", "Rows & more of it") * 2,
        "Source",
    ]
    assert [told["role"] for told in found] == [*("rowheader", "cell") * 2, "cell"]


def test_each_part_says_what_it_is() -> None:
    roles = [(tag, told["role"]) for tag, told in Read(cards(TABLE)).tags if "role" in told]
    assert roles[:5] == [
        ("table", "table"),
        ("thead", "rowgroup"),
        ("tr", "row"),
        ("th", "columnheader"),
        ("th", "columnheader"),
    ]
    assert ("tbody", "rowgroup") in roles


def test_all_else_stays_as_it_was() -> None:
    bare = [
        (tag, {k: v for k, v in told.items() if k not in ("role", "data-label")})
        for tag, told in Read(cards(TABLE)).tags
    ]
    assert bare == Read(TABLE).tags
