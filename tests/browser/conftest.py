"""A real browser before a real service. What a page may never do is checked after every test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser.site import Site, populate, served

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
Opening = Callable[..., Page]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service with models in every state, shared by all: tests only look."""
    with served(tmp_path_factory.mktemp("site")) as made:
        populate(made)
        yield made


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """One for all tests of this folder, and for no other: it runs a loop in this thread."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian: apt install chromium)")
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright) as browser:
        yield browser


def launched(playwright: Playwright, *more: str) -> Browser:
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *more]
    )


@pytest.fixture
def opened(chromium: Browser, site: Site) -> Iterator[Opening]:
    """Open pages of the site: ``opened("/models/x", color_scheme="dark")``.

    Afterwards no page may have reported a breach of its policy, failed in its script, or asked
    anybody but the site for anything.
    """
    contexts: list[BrowserContext] = []
    breaches: list[str] = []

    def open_page(path: str, **options: object) -> Page:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: breaches.extend(_breach(message)))
        page.on("pageerror", lambda error: breaches.append(str(error)))
        page.on("request", lambda request: breaches.extend(_foreign(request.url, site.url)))
        page.goto(site.page(path))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert breaches == []


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page; its own script gets past the page's policy."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}" for one in found]


def _breach(message: ConsoleMessage) -> list[str]:
    # a status of 4xx or 5xx is what some tests open
    is_breach = message.type == "error" and "Failed to load resource" not in message.text
    return [message.text] if is_breach else []


def _foreign(url: str, origin: str) -> list[str]:
    return [] if url.startswith((origin + "/", "data:", "blob:")) else [url]
