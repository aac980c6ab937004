"""What push asks of a provider."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from push.rules import AddressKind, Urgency


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider reaches a device: a token of its own, or a URL."""

    kind: AddressKind
    value: str


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves for a phone: an opaque id and how urgent it is, nothing that can be read.

    Attributes:
        id: also the collapse key, so that a message sent twice shows once.
        sealed: what only the phone can open (RFC 8291, aes128gcm), if it gave a key.
    """

    id: UUID
    urgency: Urgency
    time_to_live: timedelta
    sealed: bytes | None = None

    def payload(self) -> dict[str, str | int]:
        """Return the bytes' worth that a provider sees."""
        tickle: dict[str, str | int] = {"v": 1, "n": str(self.id)}
        if self.sealed is not None:
            tickle["e"] = base64.urlsafe_b64encode(self.sealed).rstrip(b"=").decode()
        return tickle


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The address reaches nobody any more."""


@dataclass(frozen=True, slots=True)
class Later:
    """The provider asks to be left alone for a while."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider will never take this message; `why` is one of its words."""

    why: str


Outcome = Sent | Gone | Later | Rejected


class Unreachable(Exception):
    """The provider did not answer; the same message may be sent again."""


class Unauthorized(Exception):
    """The provider does not take our credentials; nothing that is sent to it will arrive."""


class Gateway(Protocol):
    """One provider, or one way to reach phones without any."""

    #: The kinds of addresses that it serves.
    kinds: frozenset[AddressKind]

    def provider_of(self, address: Address) -> str:
        """Name whoever checks our credentials; while they are refused, nothing more is sent."""
        ...

    async def send(self, address: Address, message: Message) -> Outcome:
        """Hand a message to the provider; the same id may come twice and shows once.

        Raises:
            Unreachable: no answer in time.
            Unauthorized: our credentials are refused.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
