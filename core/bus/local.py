"""The in-process bus: the default on one machine."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from core.bus.port import Heard
from core.mailbox import Mailbox


class LocalBus:
    """One mailbox for each subscriber of this process."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()

    def publish(self, heard: Heard) -> None:
        """See `Bus.publish`."""
        for mailbox in self._mailboxes:
            mailbox.put(heard)

    @asynccontextmanager
    async def subscribe(self) -> AsyncGenerator[AsyncIterator[Heard]]:
        """See `Bus.subscribe`."""
        mailbox = Mailbox()
        self._mailboxes.add(mailbox)
        try:
            yield _read(mailbox)
        finally:
            self._mailboxes.discard(mailbox)

    async def run(self) -> None:
        """See `Bus.run`."""


async def _read(mailbox: Mailbox) -> AsyncIterator[Heard]:
    while True:
        for heard in await mailbox.take():
            yield heard
