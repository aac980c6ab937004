"""The messages of Yjs on a socket (npm `y-protocols`, as `y-websocket` speaks it)."""

from dataclasses import dataclass
from enum import IntEnum

from realtime.texts.lib0 import BadBytes, Reader, block


class _Kind(IntEnum):
    SYNC = 0
    AWARENESS = 1
    AUTH = 2
    WHO = 3


class _Step(IntEnum):
    ASK = 0
    ANSWER = 1
    UPDATE = 2


_DENIED = 0


@dataclass(frozen=True, slots=True)
class Asks:
    """The sender has this much (a state vector), and wants the rest."""

    vector: bytes


@dataclass(frozen=True, slots=True)
class Writes:
    """The sender has written this (an update)."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Shows:
    """Where the sender's cursor is, and whatever else it shows of itself (an awareness update)."""

    states: bytes


@dataclass(frozen=True, slots=True)
class Looks:
    """The sender asks what the others show of themselves."""


def read(message: bytes) -> Asks | Writes | Shows | Looks:
    """Read one message.

    Raises:
        BadBytes: it is none.
    """
    reader = Reader(message)
    said = _read(reader, reader.number())
    reader.end()
    return said


def _read(reader: Reader, kind: int) -> Asks | Writes | Shows | Looks:
    match kind:
        case _Kind.SYNC:
            step, content = reader.number(_Step.UPDATE), reader.block(reader.left)
            return Asks(content) if step == _Step.ASK else Writes(content)
        case _Kind.AWARENESS:
            return Shows(reader.block(reader.left))
        case _Kind.WHO:
            return Looks()
        case _:
            raise BadBytes("an unknown message")


def asks(vector: bytes) -> bytes:
    """Say how much we have, and ask for the rest."""
    return bytes((_Kind.SYNC, _Step.ASK)) + block(vector)


def answers(update: bytes) -> bytes:
    """Answer with the rest: from then on a client is in step."""
    return bytes((_Kind.SYNC, _Step.ANSWER)) + block(update)


def writes(update: bytes) -> bytes:
    """Pass on what was written."""
    return bytes((_Kind.SYNC, _Step.UPDATE)) + block(update)


def shows(states: bytes) -> bytes:
    """Pass on what somebody shows."""
    return bytes((_Kind.AWARENESS,)) + block(states)


def denied(reason: str) -> bytes:
    """Say that something was not allowed; `reason` is the code of a refusal."""
    return bytes((_Kind.AUTH, _DENIED)) + block(reason.encode())
