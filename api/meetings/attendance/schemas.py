"""What phones send and get about attendance."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.meetings.attendance.rules import Way

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$"),
]


class CodeOut(BaseModel):
    """A code for the screen: show it as a QR code until the next one is due."""

    code: str
    next_at: datetime


class CheckIn(BaseModel):
    """Check in: with the scanned code, or from afar without one."""

    code: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[\w-]*$")] | None = None


class ByHand(BaseModel):
    """Why somebody is checked in by hand."""

    reason: Reason


class StayOut(BaseModel):
    """From when to when somebody was there."""

    model_config = ConfigDict(from_attributes=True)

    official_id: UUID
    way: Way
    since: datetime
    until: datetime | None
    entered_by: UUID | None
    reason: str | None


class QuorumOut(BaseModel):
    """How many of those entitled to vote are there, and whether that is enough."""

    entitled: int
    present: int
    weight_entitled: int
    weight_present: int
    percent: int
    met: bool


class AttendanceOut(BaseModel):
    """Who was there, and the quorum as it is now."""

    quorum: QuorumOut
    stays: list[StayOut]
