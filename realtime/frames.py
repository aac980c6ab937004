"""`khonggiay.v1`: what may be said over the socket, both ways.

What phones send is closed (an unknown field is refused); what they receive may grow by fields.
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

PROTOCOL = "khonggiay.v1"
VERSION: Literal[1] = 1
MOST_STREAMS = 64


class Code(IntEnum):
    """Why the server closed the socket; the comment is what the phone does next."""

    BAD_FRAME = 4400  # a fault in the phone: report it
    UNAUTHENTICATED = 4401  # get a new ticket, connect again
    REVOKED = 4403  # do not connect again
    GONE = 4404  # of a text: there is none that you may read
    SLOW = 4408  # connect again and resume
    REPLACED = 4409  # the same device connected anew: stay away
    TOO_LARGE = 4413  # a fault in the phone: report it
    UNKEPT = 4422  # of a text: what you wrote cannot be kept; begin anew from the server's
    RATE = 4429  # connect again after `retry`
    INTERNAL = 4500  # connect again after `retry`
    DRAINING = 4503  # connect again after a random part of `retry`


Number = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
StreamName = Annotated[str, Field(pattern=r"^[a-z]{1,16}:[A-Za-z0-9-]{1,60}$")]
Kind = Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
#: The epoch of the stream's log, and the sequence number of the last event that was seen.
Position = tuple[Annotated[str, Field(max_length=64)], Number]
Start = Position | Literal["head", "snapshot"]
State = Literal["recovered", "resync", "refused"]
#: Why a position is of no use any more; take a snapshot instead (`gone`: which will be
#: refused, since the stream may not be heard any more).
Why = Literal["epoch", "trimmed", "too_many", "gone"]


class Said(BaseModel):
    """A frame from a phone."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(Said):
    """The ticket, from phones that cannot name it as a subprotocol; later: its successor."""

    t: Literal["auth"]
    ticket: Annotated[str, Field(min_length=1, max_length=4096)]
    i: Number | None = None


class Hello(Said):
    """The first frame after the ticket: what the phone already has."""

    t: Literal["hello"]
    v: Literal[1]
    resume: Annotated[dict[StreamName, Position], Field(max_length=MOST_STREAMS)] = {}
    dev: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="The device; must be the one that the ticket was given to."
    )
    hb: Annotated[int, Field(strict=True, ge=15, le=240)] | None = None


class Sub(Said):
    """Hear a stream from a position on, from now on, or from a snapshot of its state on."""

    t: Literal["sub"]
    i: Number
    s: StreamName
    start: Start = Field(alias="from")


class Unsub(Said):
    """Stop hearing a stream."""

    t: Literal["unsub"]
    i: Number
    s: StreamName


class Cmd(Said):
    """Do something; the same `key` has one effect for 24 hours."""

    t: Literal["cmd"]
    i: Number
    k: Kind
    s: StreamName
    key: UUID | None = Field(
        default=None, description="Not needed for `rtc`, `media`, `pointer`, `ink` and `picture`."
    )
    d: dict[str, Any] = {}


class Ack(Said):
    """Everything up to these positions has arrived."""

    t: Literal["ack"]
    p: Annotated[dict[StreamName, Number], Field(min_length=1, max_length=MOST_STREAMS)]


class PhonePing(Said):
    """Is anybody there?"""

    t: Literal["ping"]


class PhonePong(Said):
    """The answer to a ping."""

    t: Literal["pong"]


FromPhone = Annotated[
    Auth | Hello | Sub | Unsub | Cmd | Ack | PhonePing | PhonePong, Field(discriminator="t")
]
_FROM_PHONE: TypeAdapter[FromPhone] = TypeAdapter(FromPhone)


class Frame(BaseModel):
    """A frame from the server."""

    model_config = ConfigDict(frozen=True)
    #: Whether absent values are spelled out as null.
    NULLS: ClassVar[bool] = False

    def encode(self) -> bytes:
        """Return the frame as JSON."""
        return orjson.dumps(self.model_dump(exclude_none=not self.NULLS))


class StreamState(Frame):
    """What became of one stream that was to be resumed."""

    ep: str | None = None
    head: int | None = None
    state: State
    n: int | None = Field(default=None, description="How many missed events follow.")
    why: Why | None = None


class Welcome(Frame):
    """The answer to `hello`."""

    t: Literal["welcome"] = "welcome"
    conn: str
    peer: str = Field(description="The address of this phone for `rtc.*` in its rooms.")
    now: datetime
    hb: int
    exp: datetime
    keep: dict[str, int] = Field(description="Seconds for which events can be resumed, at least.")
    streams: dict[str, StreamState]


class Ev(Frame):
    """Something happened. Without `q` it is ephemeral: it is never replayed."""

    t: Literal["ev"] = "ev"
    s: str
    q: int | None = None
    id: UUID
    k: str
    at: datetime
    d: dict[str, Any]


class Ok(Frame):
    """The answer to the request `i`."""

    t: Literal["ok"] = "ok"
    i: int
    ep: str | None = None
    head: int | None = None
    state: State | None = None
    n: int | None = None
    why: Why | None = None
    snap: dict[str, Any] | None = Field(default=None, description="The state at `head`.")
    exp: datetime | None = None
    d: dict[str, Any] | None = None


class Err(Frame):
    """The request `i` was refused."""

    NULLS: ClassVar[bool] = True

    t: Literal["err"] = "err"
    i: int
    code: str
    retry: int | None = Field(description="Seconds to wait; null: the same again is useless.")
    facts: dict[str, str | int] = {}


class Reset(Frame):
    """Drop the position and the state of a stream and subscribe again; do not connect anew."""

    t: Literal["reset"] = "reset"
    s: str
    why: Why


class Bye(Frame):
    """The server closes the socket next."""

    NULLS: ClassVar[bool] = True

    t: Literal["bye"] = "bye"
    code: Code
    retry: int | None = None


class Ping(Frame):
    """Is anybody there?"""

    t: Literal["ping"] = "ping"


class Pong(Frame):
    """The answer to a ping."""

    t: Literal["pong"] = "pong"


FromServer = Welcome | Ev | Ok | Err | Reset | Bye | Ping | Pong


class BadFrame(ValueError):
    """What the phone said is no frame."""


def parse(raw: str) -> FromPhone:
    """Read a frame from a phone.

    Raises:
        BadFrame: it is no JSON, or no frame of the protocol.
    """
    try:
        # orjson first: it refuses NaN, lone surrogates and endless nesting, which pydantic takes.
        return _FROM_PHONE.validate_python(orjson.loads(raw))
    except (orjson.JSONDecodeError, ValidationError):
        raise BadFrame from None  # its content stays out of the exception, and so of every log
