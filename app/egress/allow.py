"""The allow-list: which private networks, hosts and folders the operator opened on purpose."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeVar

from app.egress.addresses import LOOPBACK, PRIVATE, SHARED, Address, Network, forbidden

# A name is answered by whoever runs its DNS, so it opens what a name in a private network may
# mean, but never metadata, link-local or multicast addresses: those are opened by number only.
OPENED_BY_NAME = frozenset({LOOPBACK, PRIVATE, SHARED})

T = TypeVar("T")

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HOST_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]/]+):(\d{1,5})")
_FOLDER = re.compile(r"/|[A-Za-z]:[\\/]|~")


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """A network that is open, on every port or on one."""

    network: Network
    port: int | None = None


@dataclass(frozen=True, slots=True)
class NameRule:
    """A host name that is open, on every port or on one."""

    name: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Allow:
    """What outgoing calls may reach although it is private. Empty: public addresses only."""

    networks: tuple[NetworkRule, ...] = ()
    names: tuple[NameRule, ...] = ()
    folders: tuple[Path, ...] = ()

    def permits(self, host: str, port: int, address: Address) -> bool:
        """Whether the operator opened ``address``, reached as ``host`` and ``port``."""
        if any(address in r.network and r.port in (None, port) for r in self.networks):
            return True
        named = any(r.name == canonical(host) and r.port in (None, port) for r in self.names)
        return named and forbidden(address) in OPENED_BY_NAME

    def permits_folder(self, path: Path) -> bool:
        """Whether a local path lies in an open folder, after its links are followed."""
        real = path.resolve()
        return any(real.is_relative_to(folder.resolve()) for folder in self.folders)


def classify(address: Address, allow: Allow, *, host: str = "", port: int = 0) -> str | None:
    """Return why a connection to ``address`` is refused, or None where it may be made.

    ``host`` is the name under which it was found, where there is one.
    """
    reason = forbidden(address)
    return None if reason is None or allow.permits(host, port, address) else reason


def canonical(host: str) -> str:
    """Return a host name as it is compared: lower case, without the dot of the root."""
    return host.lower().removesuffix(".")


def parse_allow(text: str) -> Allow:
    """Read an allow-list: networks, addresses, host names (each with ``:port`` or not), folders.

    Entries are separated by commas. Raises `ValueError` that names the entry which is neither.
    """
    networks: list[NetworkRule] = []
    names: list[NameRule] = []
    folders: list[Path] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        if _FOLDER.match(entry):
            folders.append(Path(entry).expanduser())
            continue
        rule = _rule(entry)
        if isinstance(rule, NetworkRule):
            networks.append(rule)
        else:
            names.append(rule)
    return Allow(tuple(networks), tuple(names), tuple(folders))


def _rule(entry: str) -> NetworkRule | NameRule:
    if "/" in entry:
        return NetworkRule(_read(entry, ip_network, "a network such as 10.0.0.0/8"))
    host, port = entry, None
    if match := _HOST_PORT.fullmatch(entry):
        host, port = match[1], _port(entry, match[2])
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    if ":" in host or re.fullmatch(r"[\d.]+", host):
        address = _read(entry, ip_address, "an address such as 10.1.2.3 or [fd00::1]:8080", host)
        return NetworkRule(ip_network(address), port)
    name = canonical(host)
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise ValueError(_nonsense(entry, "a network, an address, a host name or a folder"))
    return NameRule(name, port)


def _read(entry: str, reader: Callable[[str], T], wanted: str, text: str | None = None) -> T:
    try:
        return reader(entry if text is None else text)
    except ValueError as error:
        raise ValueError(_nonsense(entry, wanted, str(error))) from None


def _port(entry: str, digits: str) -> int:
    port = int(digits)
    if not 1 <= port <= 65535:
        raise ValueError(_nonsense(entry, "a host with a port from 1 to 65535"))
    return port


def _nonsense(entry: str, wanted: str, why: str = "") -> str:
    return f"allow-list: {entry!r} is not {wanted}" + (f" ({why})" if why else "")
