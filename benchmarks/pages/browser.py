"""What a page costs a browser: bytes, requests, and when something is first seen of it."""

import statistics
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ROUNDS = 3
ENTRIES = (
    "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".map((one) => one.transferSize)"
)
PAINT = "performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime)"


def costs(url: str, paths: Mapping[str, str]) -> dict[str, float]:
    """Return what each page costs, by a fresh profile each time; nothing where no browser is."""
    if not CHROMIUM.exists():
        return {}
    found: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, path in paths.items():
            found |= _cost(browser, name, url + path)
        browser.close()
    return found


def _cost(browser: Browser, name: str, url: str) -> dict[str, float]:
    paints: list[float] = []
    sizes: list[int] = []
    for _ in range(ROUNDS):
        context = browser.new_context()
        page = context.new_page()
        page.goto(url, wait_until="load")
        sizes = page.evaluate(ENTRIES)
        paints.append(_painted(page))
        context.close()
    return {
        f"{name}, kB": sum(sizes) / 1_000,
        f"{name}, requests": float(len(sizes)),
        f"{name}, first paint ms": statistics.median(paints),
    }


def _painted(page: Page) -> float:
    # not wait_for_function: it evaluates text in the page, which its policy forbids
    while not (found := page.evaluate(PAINT)):
        page.wait_for_timeout(5)
    return float(found[0])
