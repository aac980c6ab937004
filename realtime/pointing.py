"""What is shown in passing: a pointer on a page, ink that is still being drawn. Pure."""

from collections.abc import Collection
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from realtime import signalling

MOST_POINTS = 64
_COUNT, _ID = 4, 16
#: A share of the page's width or height, from its upper left corner.
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class OnPage(BaseModel):
    """Something on a page of a paper on the table; pages count from 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: UUID
    page: Annotated[int, Field(strict=True, ge=0, le=100_000)]


class Pointer(OnPage):
    """Where the pointer is (`pointer.move`); without a place it is gone."""

    at: tuple[Share, Share] | None = None


class Ink(OnPage):
    """Further points of a stroke that is being drawn (`ink.draw`).

    `stroke` is the id of the annotation that it will be: once `meeting.note_put` names it, or
    without points, what was drawn in passing goes.
    """

    stroke: UUID
    points: Annotated[list[tuple[Share, Share]], Field(max_length=MOST_POINTS)]


KINDS: dict[str, type[OnPage]] = {"pointer.move": Pointer, "ink.draw": Ink}


def read(kind: str, data: dict[str, Any]) -> OnPage:
    """Check what is to be shown, or refuse it."""
    return signalling.shaped(KINDS, kind, data)


def for_readers(readers: Collection[UUID], event: bytes) -> bytes:
    """Put in front of an event who may see it: how many (4 bytes), then their ids."""
    return len(readers).to_bytes(_COUNT) + b"".join(one.bytes for one in readers) + event


def readers_of(data: bytes) -> tuple[frozenset[bytes], bytes]:
    """Take apart what `for_readers` has put together: the ids as bytes, and the event."""
    end = _COUNT + _ID * int.from_bytes(data[:_COUNT])
    return frozenset(data[at : at + _ID] for at in range(_COUNT, end, _ID)), data[end:]
