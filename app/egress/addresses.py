"""Which addresses are nobody's business to call, as a table; knows no names and no exceptions."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK = "loopback"
PRIVATE = "private"
SHARED = "carrier-grade NAT"
METADATA = "cloud metadata"
EMBEDDED = "IPv4 embedded in IPv6"
RESERVED = "reserved"

# The first row that holds an address gives its reason, so exceptions stand before their network.
# The standard library's ``is_global`` is not enough: it is true for multicast, for most forms
# that carry an IPv4 address inside IPv6, for site-local addresses and for the 6to4 relays.
_IPV4 = (
    ("169.254.169.254/32", METADATA),
    ("169.254.170.2/32", METADATA),  # credentials of containers
    ("100.100.100.200/32", METADATA),
    ("192.0.0.192/32", METADATA),
    ("168.63.129.16/32", METADATA),  # a public address, answered by the hypervisor
    ("0.0.0.0/8", "unspecified"),  # reaches the own machine on Linux
    ("10.0.0.0/8", PRIVATE),
    ("100.64.0.0/10", SHARED),
    ("127.0.0.0/8", LOOPBACK),
    ("169.254.0.0/16", "link-local"),
    ("172.16.0.0/12", PRIVATE),
    ("192.0.0.0/24", RESERVED),
    ("192.0.2.0/24", "documentation"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", PRIVATE),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("240.0.0.0/4", RESERVED),
)
_IPV6 = (
    ("::/128", "unspecified"),
    ("::1/128", LOOPBACK),
    ("::/96", EMBEDDED),  # IPv4-compatible
    ("::ffff:0:0/96", EMBEDDED),  # IPv4-mapped
    ("::ffff:0:0:0/96", EMBEDDED),  # IPv4-translated
    ("64:ff9b::/96", EMBEDDED),  # NAT64
    ("64:ff9b:1::/48", EMBEDDED),  # NAT64 of the local network
    ("2001::/32", EMBEDDED),  # Teredo
    ("2002::/16", EMBEDDED),  # 6to4
    ("2001::/23", RESERVED),
    ("2001:db8::/32", "documentation"),
    ("3fff::/20", "documentation"),
    ("fd00:ec2::254/128", METADATA),
    ("fd20:ce::254/128", METADATA),
    ("fc00::/7", PRIVATE),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
_TABLE: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), reason) for network, reason in (*_IPV4, *_IPV6)
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def forbidden(address: Address) -> str | None:
    """Return why nothing may connect to ``address`` unless it is allowed; None for public ones."""
    for network, reason in _TABLE:
        if address in network:
            return reason
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "link-local"
        if address not in _GLOBAL_UNICAST:
            return RESERVED
    return None if address.is_global else RESERVED
