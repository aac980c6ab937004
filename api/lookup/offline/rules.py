"""How what a phone has differs from what it should have; pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

import orjson

#: What a phone keeps: the newest documents that its official may see.
MOST_KEPT = 5000
#: Documents in one answer.
MOST_SENT = 1000
_ID, _MARK = 16, 8

#: What is known of each document: its id, and a mark that changes with it.
Marks = Mapping[UUID, bytes]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a phone has to be told.

    Attributes:
        sent: documents that it lacks or has otherwise, in the order wanted.
        gone: documents that it has and must drop.
        more: there is more to be sent.
        held: what it has once it has taken this in.
    """

    sent: tuple[UUID, ...]
    gone: tuple[UUID, ...]
    more: bool
    held: Marks


def difference(held: Marks, wanted: Marks, *, most: int = MOST_SENT) -> Difference:
    """Compare what a phone has with what it should have; what must go goes at once."""
    gone = tuple(one for one in held if one not in wanted)
    changed = [one for one, mark in wanted.items() if held.get(one) != mark]
    sent = tuple(changed[:most])
    after = {one: mark for one, mark in held.items() if one in wanted}
    after |= {one: wanted[one] for one in sent}
    return Difference(sent, gone, len(changed) > most, after)


def mark_of(*parts: object) -> bytes:
    """Return what changes when any of the parts does."""
    return blake2b(orjson.dumps(parts, default=str), digest_size=_MARK).digest()


def packed(marks: Marks) -> bytes:
    """Return marks as they are stored."""
    return b"".join(one.bytes + mark for one, mark in marks.items())


def unpacked(stored: bytes) -> dict[UUID, bytes]:
    """Return marks as they were packed."""
    return dict(_pairs(stored))


def _pairs(stored: bytes) -> Iterator[tuple[UUID, bytes]]:
    for start in range(0, len(stored), _ID + _MARK):
        yield UUID(bytes=stored[start : start + _ID]), stored[start + _ID : start + _ID + _MARK]


def numbered(values: Iterable[str]) -> dict[str, int]:
    """Return distinct values with their places in the list that is sent."""
    return {value: place for place, value in enumerate(dict.fromkeys(values))}
