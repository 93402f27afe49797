"""A browser signs in with a key, and what it writes is known to come from a page of ours."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Error, Page, Playwright, expect

from tests.browser.conftest import PATIENCE, launched
from tests.browser.site import SECRET, Site, served
from tests.browser.trouble import receiving, until

KEY = "a-key-of-the-tests-0001"
NAME = "leeway.test"
"""Neither loopback nor HTTPS: browsers send no Sec-Fetch-Site there."""


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        receiving() as receiver,
        served(tmp_path_factory.mktemp("keyed"), api_keys=(KEY,)) as made,
    ):
        made.api.headers["Authorization"] = f"Bearer {KEY}"
        hook = {"kind": "webhook", "url": f"{receiver}/ok", "secret": "env:HOOK"}
        assert made.api.put("/v1/targets/hook", json=hook).is_success
        assert made.api.post("/v1/targets/hook/test").is_success
        # a page's form is for the delivery as it was when the page was made
        until(lambda: bool(made.api.get("/v1/deliveries?state=delivered").json()["items"]))
        yield made


@pytest.fixture(scope="module")
def page(playwright: Playwright) -> Iterator[Page]:
    """A page of somebody who knows the key."""
    rule = f"--host-resolver-rules=MAP {NAME} 127.0.0.1,MAP evil.test 127.0.0.1"
    with launched(playwright, rule) as browser:
        context = browser.new_context(http_credentials={"username": "me", "password": KEY})
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def address(keyed: Site, path: str) -> str:
    return keyed.url.replace("127.0.0.1", NAME) + path


def test_the_key_opens_the_pages(page: Page, keyed: Site) -> None:
    answer = page.goto(address(keyed, "/deliveries"))
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_have_text("Deliveries")
    assert KEY not in page.content()
    assert SECRET not in page.content()


@pytest.mark.parametrize("path", ["/", "/v1/models"])
def test_a_browser_knows_that_it_must_ask(page: Page, keyed: Site, path: str) -> None:
    """Also for what the API answers: one without a screen has nobody to ask, and says so."""
    assert page.context.browser is not None
    stranger = page.context.browser.new_context()
    with pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
        stranger.new_page().goto(address(keyed, path))
    stranger.close()


def test_a_form_of_ours_is_taken_over_plain_http(page: Page, keyed: Site) -> None:
    page.goto(address(keyed, "/deliveries/1/redeliver"))
    page.get_by_role("button", name="Send again").click()
    expect(page).to_have_url(address(keyed, "/deliveries/1?sent=queued"))


def test_a_form_of_another_site_is_refused(page: Page, keyed: Site) -> None:
    """The browser knows the password, and would send it along."""
    page.goto(address(keyed, "/deliveries"))
    where = address(keyed, "/v1/targets/hook/test")
    form = f'<form method="post" action="{where}"><button>Win</button></form>'
    page.route(
        "http://evil.test/", lambda route: route.fulfill(body=form, content_type="text/html")
    )
    before = len(keyed.api.get("/v1/deliveries").json()["items"])
    page.goto("http://evil.test/")
    with page.expect_response(where) as answer:
        page.get_by_role("button").click()
    assert answer.value.status == 403
    assert len(keyed.api.get("/v1/deliveries").json()["items"]) == before
