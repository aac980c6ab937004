"""What push asks of a provider."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from push.rules import Urgency


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves for a phone: an opaque id and how urgent it is, nothing else.

    Attributes:
        id: also the collapse key, so that a message sent twice shows once.
    """

    id: UUID
    urgency: Urgency
    time_to_live: timedelta

    def payload(self) -> dict[str, str | int]:
        """Return the bytes' worth that a provider sees."""
        return {"v": 1, "n": str(self.id)}


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


Outcome = Sent | Gone | Later


class Unreachable(Exception):
    """The provider did not answer; the same message may be sent again."""


class Gateway(Protocol):
    """One provider, or one way to reach phones without any."""

    #: The kind of addresses it serves.
    kind: str

    async def send(self, address: str, message: Message) -> Outcome:
        """Hand a message to the provider; the same id may come twice and shows once.

        Raises:
            Unreachable: no answer.
        """
        ...
