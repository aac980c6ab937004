"""Whom we connect to when a phone names the address: nobody inside our own walls, unless allowed.

Without it an official's phone could make the server knock at any door of its own network.
"""

import socket
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any
from urllib.parse import SplitResult, urlsplit

from push.errors import BadEndpoint

Network = IPv4Network | IPv6Network
_NAT64 = ip_network("64:ff9b::/96")
_LAST_32_BITS = 0xFFFFFFFF


class NotAllowed(OSError):
    """The address lies inside the walls."""


class Guard:
    """Knows where a server may knock.

    Args:
        allowed: networks of one's own in which push services stand.
    """

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def must_be_an_endpoint(self, url: str) -> SplitResult:
        """Refuse what is no URL of a push service; names are judged when they are looked up."""
        try:
            parts = urlsplit(url)
            is_plain = (
                parts.scheme == "https" and parts.port != 0 and not set("@[") & set(parts.netloc)
            )
            host = parts.hostname or ""
        except ValueError:
            raise BadEndpoint from None
        is_number = host.replace(".", "").isdigit()
        if not is_plain or not host or (is_number and not self.allows(host)):
            raise BadEndpoint
        return parts

    def allows(self, address: str) -> bool:
        """Say whether a numeric address may be connected to."""
        try:
            found = _embedded(ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if any(found in network for network in self._allowed):
            return True
        is_special = found.is_multicast or found.is_reserved or found.is_private
        return found.is_global and not is_special and not getattr(found, "is_site_local", False)

    def open(self, found: Any) -> socket.socket:
        """Make the socket for an address that was looked up, at the last moment before it is used.

        Raises:
            NotAllowed: it lies inside the walls.
        """
        family, kind, protocol, _, address = found
        if not self.allows(address[0]):
            raise NotAllowed("not allowed")
        return socket.socket(family, kind, protocol)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & _LAST_32_BITS)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
