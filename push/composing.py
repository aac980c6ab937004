"""Composing: what leaves for a phone, sealed for whoever gave keys.

A device that asked for it is also told what happened, in the sealed part. The words are looked up
when the message is sent, under the rights that its official has then; they are kept nowhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from core.actor import Actor
from core.db import Database, ReadTx
from core.errors import AppError
from core.sessions import Device, actor_of
from push.gateway.port import Message
from push.leases import Leased, keys_of
from push.models import Notification, PushAddress
from push.sealing import seal

#: So long is every text that is sealed for a device that wants words: its length tells nothing.
#: Sealed and in base64url it has 2,186 bytes; providers take 4,096 with all that is around it.
PLAIN_BYTES = 1536


class NothingToTell(Exception):
    """What a message is about may not be read any more: it does not leave."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a phone may show before it has asked for anything.

    Attributes:
        title: what happened, as the inbox says it in Vietnamese.
        kind: the name of the fact.
        about: the title of the document or the meeting; cut where it is long, empty without one.
        link: the path at which the phone reads on; empty without one.
    """

    title: str
    kind: str
    about: str = ""
    link: str = ""


#: Says what a notification may tell somebody at this moment; `api.background` injects who knows.
WordsOf = Callable[[ReadTx, Actor, Notification], Awaitable[Words | None]]


async def no_words(_: ReadTx, __: Actor, ___: Notification) -> Words | None:
    """Know of nothing to say."""
    return None


class Composer:
    """Writes the messages of leases.

    Args:
        db: has the devices, what they asked for, and what they are told of.
        words_of: says what a notification may tell its official now.
    """

    def __init__(self, db: Database, words_of: WordsOf = no_words) -> None:
        self._db, self._words_of = db, words_of

    async def compose(self, leased: Leased, time_to_live: timedelta) -> Message:
        """Write the message of a lease.

        Raises:
            NothingToTell: it would tell of what its official may not read.
        """
        if leased.judged:
            await self._must_be_readable(leased)
        bare = Message(leased.id, leased.urgency, time_to_live)
        keys, plain = leased.keys, orjson.dumps(bare.payload())
        if leased.rich:
            async with self._db.read() as view:
                address = await view.session.get(PushAddress, leased.device_id)
                keys = (keys_of(address) if address else None) or keys  # those of this moment
                words = await self._words(view, leased) if address and address.rich else None
            plain = padded(bare.payload(), words)
        if keys is None:
            return bare
        sealed = await asyncio.to_thread(seal, plain, keys)  # its library is loaded there, too
        return replace(bare, sealed=sealed)

    async def _must_be_readable(self, leased: Leased) -> None:
        async with self._db.read() as view:
            if await self._words(view, leased) is None:
                raise NothingToTell

    async def _words(self, view: ReadTx, leased: Leased) -> Words | None:
        """Return what the device may be told now; one that may not ask is told nothing."""
        device = await view.session.get(Device, leased.device_id)
        told = await view.session.get(Notification, leased.notification_id)
        if device is None or told is None:
            return None
        try:
            actor = await actor_of(view, leased.official_id, device.id, device.session_id)
        except AppError:
            return None
        return await self._words_of(view, actor, told)


def padded(payload: dict[str, Any], words: Words | None) -> bytes:
    """Write what is sealed, always in as many bytes; what it is about is cut until it fits."""
    plain = orjson.dumps(payload | (asdict(words) if words else {}))
    while words and words.about and len(plain) > PLAIN_BYTES:
        words = replace(words, about=_shorter(words.about, len(plain) - PLAIN_BYTES))
        plain = orjson.dumps(payload | asdict(words))
    return plain.ljust(PLAIN_BYTES)


def _shorter(text: str, by: int) -> str:
    """Cut a text by some bytes or by less, but by one character at least."""
    kept = text.removesuffix("…")[: -(by // 4 + 1)].rstrip()
    return f"{kept}…" if kept else ""
