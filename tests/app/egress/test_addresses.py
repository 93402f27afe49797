"""The address table, case by case."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.egress import forbidden

REFUSED = {
    "0.0.0.0": "unspecified",  # noqa: S104  an address to refuse, not to listen on
    "0.1.2.3": "unspecified",
    "10.0.0.0": "private",
    "10.255.255.255": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.255": "carrier-grade NAT",
    "100.100.100.200": "cloud metadata",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "cloud metadata",
    "169.254.0.1": "link-local",
    "169.254.169.254": "cloud metadata",
    "169.254.170.2": "cloud metadata",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.8": "reserved",
    "192.0.0.9": "reserved",
    "192.0.0.192": "cloud metadata",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarking",
    "198.19.255.255": "benchmarking",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::127.0.0.1": "IPv4 embedded in IPv6",
    "::ffff:127.0.0.1": "IPv4 embedded in IPv6",
    "::ffff:8.8.8.8": "IPv4 embedded in IPv6",
    "::ffff:0:10.0.0.1": "IPv4 embedded in IPv6",
    "64:ff9b::a00:1": "IPv4 embedded in IPv6",
    "64:ff9b:1::7f00:1": "IPv4 embedded in IPv6",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "IPv4 embedded in IPv6",
    "2002:a00:1::1": "IPv4 embedded in IPv6",
    "2001:2::1": "reserved",
    "2001:20::1": "reserved",
    "2001:db8::1": "documentation",
    "3fff::1": "documentation",
    "100::1": "reserved",
    "4000::1": "reserved",
    "5f00::1": "reserved",
    "fc00::1": "private",
    "fd12:3456:789a::1": "private",
    "fd00:ec2::254": "cloud metadata",
    "fd20:ce::254": "cloud metadata",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "ff0e::1": "multicast",
}
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
)


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_refused(text: str, reason: str) -> None:
    assert forbidden(ip_address(text)) == reason


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    assert forbidden(ip_address(text)) is None


@given(st.ip_addresses(v=4))
def test_no_private_ipv4_passes(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert forbidden(address) is not None


@given(st.ip_addresses(v=4), st.sampled_from(["::", "::ffff:", "64:ff9b::", "::ffff:0:"]))
def test_no_ipv4_passes_inside_ipv6(address: IPv4Address, prefix: str) -> None:
    assert forbidden(IPv6Address(f"{prefix}{address}")) is not None


@given(st.ip_addresses(v=6))
def test_no_ipv6_passes_outside_global_unicast(address: IPv6Address) -> None:
    if int(address) >> 125 != 1 or not address.is_global:
        assert forbidden(address) is not None
