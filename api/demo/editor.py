"""One connection to a text that several people write, as any client of Yjs holds it."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

import websockets
from pycrdt import Doc, Text, create_sync_message, create_update_message, handle_sync_message
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from api.demo.phone import Phone

PATIENCE = 20
PROTOCOL = "khonggiay.text.v1"
_SYNC, _DENIED = 0, 2


class Editor:
    """Somebody at the minutes: what they write is theirs at once, and everybody's when it is kept.

    Args:
        connection: to the server.
        document: what was written before, for one who comes back.

    Attributes:
        kept: what the server has told; one's own words come back once they are committed.
        denied: the codes of what was not allowed.
        closed: the code the server closed with.
    """

    def __init__(self, connection: ClientConnection, document: "Doc[Text] | None" = None) -> None:
        self.document = document or Doc()
        self.text: Text = self.document.get("minutes", type=Text)
        self._told: Doc[Text] = Doc()
        self.kept: Text = self._told.get("minutes", type=Text)
        self.denied: list[str] = []
        self.closed: int | None = None
        self._connection = connection
        self._news = asyncio.Condition()
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    async def open(
        cls, phone: Phone, url: str, meeting_id: str, document: "Doc[Text] | None" = None
    ) -> Self:
        """Connect with a fresh ticket, and ask for what is there."""
        ticket = await phone.ticket()
        connection = await websockets.connect(
            f"{url.replace('http', 'ws', 1)}/realtime/texts/minutes:{meeting_id}",
            subprotocols=[Subprotocol(PROTOCOL), Subprotocol(f"ticket.{ticket}")],
            compression=None,
            proxy=None,
        )
        editor = cls(connection, document)
        await editor.send(create_sync_message(editor.document))
        return editor

    @property
    def words(self) -> str:
        """What the text says here."""
        return str(self.text)

    async def write(self, words: str, at: int | None = None) -> None:
        """Write something at a place, or at the end."""
        before = self.document.get_state()
        self.text.insert(len(self.text) if at is None else at, words)
        await self.send(create_update_message(self.document.get_update(before)))

    async def strike(self, begin: int, end: int) -> None:
        """Take something out."""
        before = self.document.get_state()
        del self.text[begin:end]
        await self.send(create_update_message(self.document.get_update(before)))

    async def sees(self, wanted: Callable[[str], bool]) -> str:
        """Wait until the text is as wanted."""
        await self._until(lambda: wanted(self.words))
        return self.words

    async def has_kept(self, words: str) -> None:
        """Wait until the server has said that it keeps some words."""
        await self._until(lambda: words in str(self.kept))

    async def is_refused(self) -> str:
        """Wait until the server says that something was not allowed; return the code."""
        await self._until(lambda: bool(self.denied))
        return self.denied[-1]

    async def ends(self) -> int:
        """Wait until the server closes; return the code."""
        await self._until(lambda: self.closed is not None)
        return self.closed or 0

    async def send(self, message: bytes) -> None:
        """Send some bytes."""
        await self._connection.send(message)

    async def drop(self) -> None:
        """Lose the network."""
        self._connection.transport.abort()
        await self._hearing

    async def close(self) -> None:
        """Say goodbye."""
        await self._connection.close()
        await self._hearing

    async def _until(self, holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: holds() or self.closed is not None)
        if not holds():
            raise ConnectionError(f"closed with {self.closed}")

    async def _hear(self) -> None:
        try:
            async for message in self._connection:
                await self._take(message if isinstance(message, bytes) else message.encode())
        except ConnectionClosed:
            pass
        async with self._news:
            self.closed = self._connection.close_code or 1006
            self._news.notify_all()

    async def _take(self, message: bytes) -> None:
        async with self._news:
            if message[0] == _SYNC:
                handle_sync_message(message[1:], self._told)
                answer = handle_sync_message(message[1:], self.document)
                if answer is not None:
                    await self.send(answer)
            elif message[0] == _DENIED:
                self.denied.append(message[3:].decode())
            self._news.notify_all()
