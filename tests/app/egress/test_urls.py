"""URLs when they are saved."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from app.domain.errors import Invalid
from app.egress import Address, Allow, check_target, check_url, parse_allow

GOOD = (
    "https://hooks.example.com/leeway?token=x",
    "http://8.8.8.8:8080/",
    "https://[2606:4700:4700::1111]/",
    "HTTPS://Example.COM",
)


@pytest.mark.parametrize("url", GOOD)
def test_good(url: str) -> None:
    assert check_url(url, Allow()).host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "https://user@example.com/",
        "https://user:word@example.com/",
        "https://example.com@127.0.0.1/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://[::1/",
        "http://exa mple.com/",
        "http://example.com/\x00",
        "https://example.com/" + "a" * 3000,
    ],
)
def test_bad(url: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_url(url, Allow(), "/url")
    assert [fault.pointer for fault in raised.value.faults] == ["/url"]
    assert raised.value.code == "invalid"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "app.localhost",
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ],
)
async def test_an_address_in_the_text_is_refused_however_it_is_spelt(host: str) -> None:
    with pytest.raises(Invalid) as raised:
        check_url(f"http://{host}/", Allow())
    # Some spellings are no URL at all, which serves as well.
    assert raised.value.code in {"address-refused", "invalid"}


def test_an_open_address_is_good() -> None:
    assert check_url("http://127.0.0.1:9000/", parse_allow("127.0.0.1:9000"))
    with pytest.raises(Invalid):
        check_url("http://127.0.0.1:9001/", parse_allow("127.0.0.1:9000"))


async def test_names_are_looked_up_and_all_their_addresses_count() -> None:
    async def both(_: str, __: int) -> Sequence[Address]:
        return [ip_address("8.8.8.8"), ip_address("10.0.0.1")]

    with pytest.raises(Invalid) as raised:
        await check_target("https://example.com/", Allow(), both, "/options/url")
    assert raised.value.code == "address-refused"
    assert raised.value.faults[0].pointer == "/options/url"
    assert await check_target("https://example.com/", parse_allow("10.0.0.0/8"), both)


async def test_a_name_without_address_may_be_saved() -> None:
    async def nowhere(_: str, __: int) -> Sequence[Address]:
        raise OSError("no such name")

    assert await check_target("https://soon.example.com/", Allow(), nowhere)


async def test_messages_never_repeat_the_url() -> None:
    for url in (
        "https://u:canary@example.com/",
        "ftp://example.com/canary",
        "http://10.1.1.1/canary",
    ):
        with pytest.raises(Invalid) as raised:
            await check_target(url, Allow())
        assert "canary" not in raised.value.detail
        assert all("canary" not in fault.detail for fault in raised.value.faults)
