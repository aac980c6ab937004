"""What phones of one room say to each other, or to the media engine, to open a connection (WebRTC).

The server checks shape and size and passes it on to the one it is meant for; nothing is kept and
nothing is logged, since addresses of people's networks stand in it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import Malformed
from core.ids import new_id
from realtime.errors import UnknownCommand
from realtime.frames import Ev
from realtime.media.port import Source

PREFIX = "rtc."
Word = TypeVar("Word", bound=BaseModel)
Peer = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Sdp = Annotated[str, Field(pattern=r"^v=0\r?\n", max_length=32 * 1024)]


class Addressed(BaseModel):
    """A word to one peer of the room."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Peer


class Description(Addressed):
    """A session description (RFC 8866): `rtc.offer` or `rtc.answer`."""

    sdp: Sdp


class Candidate(Addressed):
    """One way to reach the sender (RFC 8839); an empty candidate ends the list."""

    candidate: Annotated[str, Field(max_length=1024, pattern=r"^[^\r\n]*$")]
    sdpMid: Annotated[str, Field(max_length=64)] | None = None  # noqa: N815 the browser's name
    sdpMLineIndex: Annotated[int, Field(strict=True, ge=0, le=255)] | None = None  # noqa: N815


class HangUp(Addressed):
    """The sender ends the connection."""


class ToEngine(BaseModel):
    """A word to the room's media engine."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Publish(ToEngine):
    """`media.publish`: what the phone wants to send, as an offer; the answer stands in `ok`."""

    sdp: Sdp
    source: Source = Source.VOICE


class Hear(ToEngine):
    """`media.listen`: ask for the offer of one's receive slots, which stands in `ok`."""


class Connect(ToEngine):
    """`media.connect`: the phone's answer to the offer of its receive slots."""

    sdp: Sdp


class Leave(ToEngine):
    """`media.leave`: end what the phone sends and receives."""


MEDIA_PREFIX = "media."
ENGINE_KINDS: dict[str, type[ToEngine]] = {
    "media.publish": Publish,
    "media.listen": Hear,
    "media.connect": Connect,
    "media.leave": Leave,
}
KINDS: dict[str, type[Addressed]] = {
    "rtc.offer": Description,
    "rtc.answer": Description,
    "rtc.ice": Candidate,
    "rtc.bye": HangUp,
}


def read(kind: str, data: dict[str, Any]) -> Addressed:
    """Check a word to another phone, or refuse it."""
    return shaped(KINDS, kind, data)


def read_for_engine(kind: str, data: dict[str, Any]) -> ToEngine:
    """Check a word to the media engine, or refuse it."""
    return shaped(ENGINE_KINDS, kind, data)


def shaped(kinds: Mapping[str, type[Word]], kind: str, data: dict[str, Any]) -> Word:
    """Return what was said in the shape of its kind, or refuse it."""
    try:
        return kinds[kind].model_validate(data)
    except KeyError:
        raise UnknownCommand(kind=kind) from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise Malformed(where=where or "d") from None


def passed_on(kind: str, word: Addressed, *, stream: str, sender: dict[str, str],
              at: datetime) -> bytes:  # fmt: skip
    """Return the ephemeral event that reaches the addressee: who speaks, and what they said."""
    said = word.model_dump(exclude={"to"}, exclude_none=True)
    return Ev(s=stream, id=new_id(), k=kind, at=at, d={**sender, **said}).encode()


def mailbox(peer: str, stream: str, *, kind: str = "peer") -> str:
    """Return the bus address of one peer in one room."""
    return f"{kind}:{peer}@{stream}"


def addressee(mailbox: str) -> tuple[str, str]:
    """Return the peer and the room of what stands behind the kind of an address."""
    peer, _, stream = mailbox.partition("@")
    return peer, stream


def sender(peer: str, official_id: UUID) -> dict[str, str]:
    """Name who speaks: the phone and its official."""
    return {"from": peer, "who": str(official_id)}
