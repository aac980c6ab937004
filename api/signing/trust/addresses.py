"""Which addresses may be asked: the URLs come from certificates that anybody may upload."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from api.signing.trust.errors import AddressRefused

Address = IPv4Address | IPv6Address

_PORTS = {"http": 80, "https": 443}
#: IPv6 addresses that carry an IPv4 address in their last 32 bits.
_CARRIERS = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))


@dataclass(frozen=True, slots=True)
class AllowList:
    """The hosts that may be asked, and the private networks that they may lie in.

    Attributes:
        hosts: `host` (at the scheme's own port), `host:port`, or `.domain` for all hosts below it.
        private: networks such as `10.20.0.0/16`; a private address elsewhere is refused.
    """

    hosts: Sequence[str] = ()
    private: Sequence[str] = ()

    def must_allow(self, url: str) -> SplitResult:
        """Return the parts of a URL that may be asked, or refuse."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise AddressRefused(why="malformed") from None
        if parts.scheme not in _PORTS or not host or parts.username or parts.password:
            raise AddressRefused(why="malformed")
        standard = port in {None, _PORTS[parts.scheme]}
        if not any(_matches(each.lower(), host, port, standard=standard) for each in self.hosts):
            raise AddressRefused(why="not_listed", host=host)
        literal = _literal(host)
        if literal is not None:
            self.must_allow_address(literal)
        return parts

    def must_allow_address(self, address: Address) -> None:
        """Refuse what a name must not resolve to."""
        plain = _plain(address)
        if any(plain in ip_network(each) for each in self.private):
            return
        if not plain.is_global or plain.is_multicast:
            raise AddressRefused(why="private_address")


def _matches(entry: str, host: str, port: int | None, *, standard: bool) -> bool:
    if entry.startswith("."):
        return standard and host.endswith(entry) and host != entry[1:]
    if entry == host:
        return standard
    named = f"[{host}]" if ":" in host else host
    return entry == f"{named}:{port}"


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _plain(address: Address) -> Address:
    """Unwrap an IPv4 address that hides in an IPv6 one."""
    if isinstance(address, IPv4Address):
        return address
    if inner := address.ipv4_mapped or address.sixtofour:
        return inner
    if any(address in carrier for carrier in _CARRIERS) and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
