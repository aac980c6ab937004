"""Receive slots: who sits in which, and one unbroken stream out of whoever speaks there. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

#: Opus in RTP always counts in 48 kHz (RFC 7587, 4.1); a usual packet holds 20 ms.
CLOCK_RATE, PACKET = 48_000, 960
#: A step in the numbers that is no loss but another stream (RFC 3550, A.1).
LARGEST_GAP = 3000
_SEQ, _TIME = 1 << 16, 1 << 32


def seated(slots: Sequence[UUID | None], speakers: Sequence[UUID]) -> tuple[UUID | None, ...]:
    """Give each speaker a slot; who had one keeps it, and who finds none free is not heard."""
    kept = [who if who in speakers else None for who in slots]
    for who in dict.fromkeys(speakers):
        if who not in kept and None in kept:
            kept[kept.index(None)] = who
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What an outgoing packet bears (RFC 3550, 5.1); `begins`: the first of its speaker."""

    seq: int
    time: int
    begins: bool


class Splice:
    """What one listener gets in one slot: its numbers go on when the speaker changes.

    The jitter buffer at the other end sees one source that was silent for a while. What the
    listener was not sent leaves no hole either: SRTP (RFC 3711, 3.3.1) would lose count.
    """

    __slots__ = ("_at", "_first", "_plus_seq", "_plus_time", "_seq", "_source", "_time")

    def __init__(self, seq: int = 0, time: int = 0) -> None:
        self._seq, self._time, self._at = seq, time, 0.0
        self._source: object = None
        self._first = self._plus_seq = self._plus_time = 0

    def numbers(self, source: object, seq: int, time: int, at: float) -> Numbers | None:
        """Return what a packet bears on its way out, or None for one from before the change.

        Args:
            source: whose packet it is; anything but None that differs between streams.
            seq: its number, 16 bits.
            time: its time stamp, 32 bits.
            at: when it came, in seconds of a clock that never jumps.
        """
        step = _distance((seq + self._plus_seq) - self._seq, _SEQ)
        begins = source != self._source or abs(step) > LARGEST_GAP
        if begins:
            self._change_to(source, seq, time, at)
        elif _distance(seq - self._first, _SEQ) < 0:
            return None  # its number would be one that the last speaker's packet had
        new_seq, new_time = (seq + self._plus_seq) % _SEQ, (time + self._plus_time) % _TIME
        if _distance(new_seq - self._seq, _SEQ) > 0:
            self._seq, self._time, self._at = new_seq, new_time, at
        return Numbers(new_seq, new_time, begins)

    def _change_to(self, source: object, seq: int, time: int, at: float) -> None:
        silent = 0.0 if self._source is None else at - self._at
        passed = max(PACKET, int(silent * CLOCK_RATE))
        self._source, self._first = source, seq
        self._plus_seq = (self._seq + 1 - seq) % _SEQ
        self._plus_time = (self._time + passed - time) % _TIME


def _distance(difference: int, modulus: int) -> int:
    """Return a difference of two numbers that wrap around, between -modulus/2 and modulus/2."""
    return (difference + modulus // 2) % modulus - modulus // 2
