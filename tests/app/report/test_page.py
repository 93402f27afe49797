"""The page: well-formed, self-contained, accessible by construction, and harmless."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from app.report.page import TEMPLATES, page
from tests.app.report import comparisons

VOID = {"meta", "link", "br", "img", "col", "input", "hr"}
MADE = {
    "few": comparisons.few,
    "ordinary": comparisons.ordinary,
    "hostile": comparisons.hostile,
    "calm": comparisons.calm,
}


class Reader(HTMLParser):
    """Collects elements, and holds that each that opens closes in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(params=MADE)
def html(request: pytest.FixtureRequest) -> str:
    return page(MADE[request.param](), "0.1.0")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_it_is_well_formed_and_loads_nothing(html: str) -> None:
    reader = read(html)
    tags = {tag for tag, _ in reader.seen}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "base"}
    for _, attributes in reader.seen:
        assert not {"src", "style", "onerror", "onload", "onclick"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in html
    assert "@import" not in html


def test_its_policy_allows_its_own_style_and_nothing_else(html: str) -> None:
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(
        attributes["content"]
        for tag, attributes in read(html).seen
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_it_has_language_one_heading_and_targets_for_its_links(html: str) -> None:
    seen = read(html).seen
    assert ("html", {"lang": "en"}) in seen
    assert sum(tag == "h1" for tag, _ in seen) == 1
    ids = [attributes["id"] for _, attributes in seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for tag, a in seen if tag == "a" and a.get("href")}
    named = {a["aria-labelledby"] for _, a in seen if a.get("aria-labelledby")}
    assert links | named <= set(ids)


def test_pictures_have_words_or_are_decoration_beside_a_table(html: str) -> None:
    for tag, attributes in read(html).seen:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes.get("aria-label")


def test_bars_are_drawn_as_high_as_the_table_says() -> None:
    html = page(comparisons.calm(), "0")
    drawing = re.search(r"<svg class=\"histogram large.*?</svg>", html, re.DOTALL)
    table = re.search(r"The histogram as a table.*?</table>", html, re.DOTALL)
    assert drawing is not None
    assert table is not None
    heights = [float(rect.get("height", 0)) for rect in ET.fromstring(drawing[0]).iter("rect")]  # noqa: S314
    shares = [float(x) for x in re.findall(r"number\">([0-9.]+) %", table[0])][::2]
    assert len(heights) == len([share for share in shares if share])
    # shares are printed to a tenth of a per cent
    top = max(shares)
    for height, share in zip(heights, [s for s in shares if s], strict=True):
        assert height == pytest.approx(98 * share / top, abs=98 * 0.6 / top)


def test_hostile_names_are_text_and_nothing_else() -> None:
    html = page(comparisons.hostile(), "0")
    reader = read(html)
    assert "<script" not in html
    assert comparisons.MARKUP in "".join(reader.text)
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in html
    assert "\x1b" not in html
    assert "x" * 3_000 not in html
    assert comparisons.TOO_LONG[:50] in html


def test_numbers_words_and_warnings_are_there() -> None:
    text = " ".join(" ".join(read(page(comparisons.ordinary(), "0")).text).split())
    assert "Drift in 3 of 5 features" in text
    assert "levels never seen before" in text
    assert "all its values are equal" in text
    assert "is in the current rows only" in text


def test_what_could_not_be_judged_does_not_look_calm() -> None:
    text = " ".join(" ".join(read(page(comparisons.few(), "0")).text).split())
    assert "? not judged" in text
    assert "Not judged: too few rows" in text
    assert "insufficient data" in text


PAIRS = [
    *((ink, paper) for ink in ("ink", "dim", "link", "accent") for paper in ("paper", "card")),
    *((state, f"{state}-paper") for state in ("drift", "warning", "ok", "odd")),
    *((state, "card") for state in ("drift", "ok", "odd")),
    ("ink", "warning-paper"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_by_the_ratio_that_wcag_asks_for(theme: str) -> None:
    light, dark = (TEMPLATES / "page.css").read_text().split("prefers-color-scheme: dark", 1)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light if theme == "light" else dark))
    for ink, paper in PAIRS:
        high, low = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)


def test_a_page_of_many_features_stays_small() -> None:
    columns = {f"feature {i}": [float(row % (i + 2)) for row in range(2_000)] for i in range(150)}
    html = page(comparisons.compared(columns, columns), "0")
    assert len(html) < 2_000_000
    assert html.count('<section class="feature') == 60
    assert "the other 90 are in the table" in html
