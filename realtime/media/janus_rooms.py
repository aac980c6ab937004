"""Rooms as we have them in Janus: who sends and who hears, and what each slot should carry."""

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from core.media import Janus
from realtime.media.port import SLOTS, Floor, Source

#: What a listener's slots carry, in the order of the offer.
AUDIO, VIDEO = "audio", "video"
LEGS = (AUDIO,) * SLOTS + (VIDEO, VIDEO)
CAMERA, SCREEN = SLOTS, SLOTS + 1
SENDS = {Source.VOICE: (AUDIO, VIDEO), Source.SCREEN: (VIDEO,)}
#: A publisher's stream: its feed and its mid there.
Feed = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Address:
    """Where Janus is.

    Attributes:
        url: its WebSocket, `ws://127.0.0.1:8188` or `wss://…`.
        key: the VideoRoom's `admin_key`; secret and PIN of every room are made from it.
        api_secret: Janus's `api_secret`, if it has one.
        trust: whom its server is trusted by, with `wss`.
    """

    url: str
    key: str
    api_secret: str = ""
    trust: ssl.SSLContext | None = None

    @classmethod
    def of(cls, named: Janus) -> Self:
        """Return it as the settings name it."""
        is_tls = named.url.startswith("wss:")
        trust = ssl.create_default_context(cafile=named.ca) if is_tls else None
        key, secret = named.key.get_secret_value(), named.api_secret.get_secret_value()
        return cls(named.url, key, secret, trust)

    def word(self, room: str, use: str) -> str:
        """Return a password that Janus alone is told."""
        return hmac.new(self.key.encode(), f"{use} {room}".encode(), hashlib.sha256).hexdigest()


def number_of(name: str) -> int:
    """Return Janus's number for a name of ours, below 2^53 (JSON)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 11


@dataclass(slots=True, eq=False)
class Publisher:
    """What one official sends."""

    handle: int
    feed: int
    peer: str
    mids: dict[str, str] = field(default_factory=dict)
    is_up: bool = False
    recording: UUID | None = None


@dataclass(slots=True, eq=False)
class Listener:
    """What one phone receives: by slot, which publisher's stream."""

    handle: int
    who: UUID
    now: list[Feed]
    answer: str = ""


@dataclass(slots=True, eq=False)
class Room:
    """A room as this process has it in Janus."""

    name: str
    dummy: Mapping[str, Feed]
    floor: Floor = field(default_factory=Floor)
    publishers: dict[tuple[UUID, Source], Publisher] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    switching: asyncio.Lock = field(default_factory=asyncio.Lock)
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)

    def recorded(self, key: tuple[UUID, Source]) -> UUID | None:
        """Return under which name what somebody sends is to be recorded: while it is passed on."""
        who, source = key
        passed_on = self.floor.slots if source is Source.VOICE else (self.floor.sharer,)
        sender = self.publishers.get(key)
        is_passed_on = who in passed_on and sender is not None and sender.is_up
        return self.floor.recording if is_passed_on else None

    def wanted(self, listener: Listener) -> list[Feed]:
        """Return what each slot of a listener should carry now."""
        feeds = [self.dummy[kind] for kind in LEGS]
        if listener.who not in self.floor.hearers:
            return feeds
        speakers = self.floor.slots
        leading = next((who for who in speakers if who), None)
        sources = [*((who, Source.VOICE) for who in speakers), (leading, Source.VOICE),
                   (self.floor.sharer, Source.SCREEN)]  # fmt: skip
        for leg, (who, source) in enumerate(sources):
            sender = self.publishers.get((who, source)) if who else None
            if sender and sender.is_up and who != listener.who and LEGS[leg] in sender.mids:
                feeds[leg] = (sender.feed, sender.mids[LEGS[leg]])
        return feeds
