"""What phones send and get about the floor."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.meetings.floor.rules import LONGEST, MOST_SPEAKERS, Kind, Turn

_MOST = int(LONGEST.total_seconds())
Seconds = Annotated[int, Field(ge=1, le=_MOST)]
Team = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00]*$"),
]
_STRICT = ConfigDict(extra="forbid")


class SetFloor(BaseModel):
    """How long people and groups may speak, and how many at once."""

    speech_seconds: Seconds = 300
    warning_seconds: Annotated[int, Field(ge=0, le=_MOST)] = 60
    most_speakers: Annotated[int, Field(ge=1, le=MOST_SPEAKERS)] = MOST_SPEAKERS
    teams: Annotated[dict[Team, Seconds], Field(max_length=100)] = {}


class AskFloor(BaseModel):
    """Socket command `floor.ask`: ask for the floor."""

    model_config = _STRICT

    kind: Kind = Kind.SPEECH


class OneTurn(BaseModel):
    """Socket commands `floor.admit|grant|start|pause|resume|end|withdraw`: move a turn on."""

    model_config = _STRICT

    turn_id: UUID


class Extend(BaseModel):
    """Socket command `floor.extend`: give somebody more time."""

    model_config = _STRICT

    turn_id: UUID
    seconds: Seconds


class TurnOut(BaseModel):
    """Who waits or speaks; the rest is `budget_ms - spent_ms`, less the time since `started_at`."""

    id: UUID
    official_id: UUID
    kind: Kind
    state: Turn
    place: int
    budget_ms: int
    spent_ms: int
    started_at: datetime | None
    warns_at: datetime | None
    ends_at: datetime | None


class FloorOut(BaseModel):
    """The floor: how long people may speak, and who waits or speaks, in the queue's order."""

    speech_seconds: int
    warning_seconds: int
    most_speakers: int
    teams: dict[str, int]
    used_ms: dict[str, int] = Field(description="how long each group has spoken")
    turns: list[TurnOut]
