"""What is known of votes."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.meetings.votes.rules import Kind, State
from core.columns import Versioned, choice, json_field
from core.ids import new_id


class Vote(Versioned, table=True):
    """A question, who could answer it, and what came out."""

    __tablename__: ClassVar[str] = "vote"
    __table_args__ = (Index("ix_vote_meeting", "meeting_id", "created_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    meeting_id: UUID = Field(foreign_key="meeting.id")
    agency_id: UUID
    item_id: UUID | None = Field(default=None, foreign_key="agenda_item.id")
    kind: Kind = Field(default=Kind.OPEN, sa_type=choice(Kind))
    question: str = Field(max_length=1000)
    choices: list[str] = json_field()
    rule: dict[str, Any] = json_field()
    #: Whether each ballot bears the signature of its voter's device.
    signed: bool = False
    state: State = Field(default=State.DRAFTED, sa_type=choice(State))
    created_at: datetime
    closes_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    #: Frozen when it opened; the result with it when it closed.
    electorate: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    digest: str | None = Field(default=None, max_length=64)


class VoteMandate(SQLModel, table=True):
    """One vote of one principal, and who may cast it; frozen when the vote opened."""

    __tablename__: ClassVar[str] = "vote_mandate"
    __table_args__ = (
        UniqueConstraint("vote_id", "official_id"),
        UniqueConstraint("vote_id", "id"),
        CheckConstraint("weight > 0", name="weight"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    vote_id: UUID = Field(foreign_key="vote.id")
    agency_id: UUID
    official_id: UUID
    weight: int
    #: Who was there for it: the principal, the delegate, or both; the first who votes has voted.
    principal_present: bool
    delegate_id: UUID | None = None


class VoteBallot(SQLModel, table=True):
    """What was cast for one mandate, once; never changed."""

    __tablename__: ClassVar[str] = "vote_ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vote_id", "mandate_id"], ["vote_mandate.vote_id", "vote_mandate.id"]
        ),
    )

    vote_id: UUID = Field(primary_key=True)
    mandate_id: UUID = Field(primary_key=True)
    agency_id: UUID
    choice: int
    words: str | None = Field(default=None, max_length=4000)
    cast_by: UUID
    cast_at: datetime
    #: In a signed vote, by what anybody can verify it: `api.people.factors.step_up.Evidence`.
    evidence: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
