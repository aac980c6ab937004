"""Who is at a text and where: cursors and names, passed on and kept nowhere (y-protocols).

A state belongs to the socket that showed it first; nobody else changes it, and each is given the
official's id by us, so that nobody can show themselves as somebody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from realtime.texts.lib0 import BadBytes, Reader, block, number

#: In bytes, of one state; in numbers, of one socket and of one text.
MOST_STATE, MOST_OWN, MOST_HERE = 2048, 4, 256
#: Clients renew what they show every 15 seconds, and forget others' after 30.
SILENCE = 30.0
WHO = "who"
_GONE = b"null"


@dataclass(slots=True)
class _Shown:
    clock: int
    state: bytes
    owner: object
    heard: float

    def is_for(self, owner: object) -> bool:
        """Say whether a socket may change it: its own, or any once no socket of ours has it."""
        return self.owner is owner or self.owner is None

    def is_older(self, clock: int, state: bytes) -> bool:
        """Say whether this is news: of a later moment, or a going or coming at the same one."""
        same = clock == self.clock and (state == _GONE) != (self.state == _GONE)
        return clock > self.clock or same


class Awareness:
    """What is shown of everybody who is at one text."""

    def __init__(self) -> None:
        self._shown: dict[int, _Shown] = {}

    def take(self, owner: object, states: bytes, who: UUID, now: float) -> bytes | None:
        """Take in what a socket of ours shows, and return what is to be passed on, if anything.

        Raises:
            BadBytes: it is no awareness update, or too large.
        """
        fresh = []
        for client, clock, state in _read(states):
            known, marked = self._shown.get(client), _marked(state, who)
            if known is None and not self._has_room(owner):
                raise BadBytes("too many states")
            if known is not None and not (known.is_for(owner) and known.is_older(clock, marked)):
                continue  # others' are theirs; libraries send along what they have heard
            self._shown[client] = _Shown(clock, marked, owner, now)
            fresh.append(client)
        return self._told(fresh)

    def hear(self, states: bytes, now: float) -> bytes | None:
        """Take in what another node tells of its sockets; return what is new."""
        fresh = []
        for client, clock, state in _read(states):
            known = self._shown.get(client)
            if known is None or (known.is_for(None) and known.is_older(clock, state)):
                self._shown[client] = _Shown(clock, state, None, now)
                fresh.append(client)
        return self._told(fresh)

    def leave(self, owner: object, now: float) -> bytes | None:
        """Show a socket of ours no more."""
        mine = [client for client, one in self._shown.items() if one.owner is owner]
        for client in mine:
            one = self._shown[client]
            self._shown[client] = _Shown(one.clock, _GONE, None, now)
        return self._told(mine)

    def everything(self) -> bytes | None:
        """Return what is shown of everybody."""
        return self._told([c for c, one in self._shown.items() if one.state != _GONE])

    def own(self) -> bytes | None:
        """Return what is shown of the sockets of this node."""
        return self._told([c for c, one in self._shown.items() if one.owner is not None])

    def forget_silent(self, now: float) -> None:
        """Forget whom nothing is heard of any more; clients do so by themselves."""
        silent = [c for c, one in self._shown.items() if now - one.heard > SILENCE]
        for client in silent:
            del self._shown[client]

    def _has_room(self, owner: object) -> bool:
        own = sum(one.owner is owner for one in self._shown.values())
        return own < MOST_OWN and len(self._shown) < MOST_HERE

    def _told(self, clients: Iterable[int]) -> bytes | None:
        entries = [
            number(client) + number(self._shown[client].clock) + block(self._shown[client].state)
            for client in clients
        ]
        return number(len(entries)) + b"".join(entries) if entries else None


def _read(states: bytes) -> list[tuple[int, int, bytes]]:
    reader = Reader(states)
    count = reader.number(MOST_HERE)
    found = [
        (reader.number(), reader.number(), reader.text(MOST_STATE).encode()) for _ in range(count)
    ]
    reader.end()
    return found


def _marked(state: bytes, who: UUID) -> bytes:
    """Return a state with the official's id in it."""
    try:
        said: Any = orjson.loads(state)
    except orjson.JSONDecodeError:
        raise BadBytes("not JSON") from None
    if said is None:
        return _GONE
    if not isinstance(said, dict):
        raise BadBytes("not an object")
    return orjson.dumps({**said, WHO: str(who)})
