"""What is kept of secret votes: nothing that tells whose a ballot is, or when it came.

Credentials, ballots and mandates share no column but the vote. Where rows must not tell an order,
SQLite keeps them by their key alone (`WITHOUT ROWID`) and there is no time and no sequence.
"""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Column, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Versioned

_BY_KEY_ALONE = {"sqlite_with_rowid": False}
#: A hash in hexadecimal, and one as Belenios writes it.
_HEX, _BASE64 = 64, 43


class BallotBox(Versioned, table=True):
    """How a secret vote is set up, and what its tool made of it."""

    __tablename__: ClassVar[str] = "ballot_box"

    vote_id: UUID = Field(primary_key=True, foreign_key="vote.id")
    agency_id: UUID
    uuid: str = Field(max_length=14, unique=True)
    registrar_id: UUID
    threshold: int
    #: Of the key ceremony, for each trustee: the input of the last step, and their part of the key,
    #: which only their own key opens.
    inputs: list[str] | None = Field(default=None, sa_column=Column(JSON))
    keys: list[str] | None = Field(default=None, sa_column=Column(JSON))
    threshold_parameters: str | None = None
    #: The parts of the archive, as they are hashed.
    trustees: str | None = None
    election: str | None = None
    election_hash: str | None = Field(default=None, max_length=_BASE64)
    credentials: str | None = None
    #: After closing.
    rejected: list[str] | None = Field(default=None, sa_column=Column(JSON))
    tally: str | None = None
    sized_tally: str | None = None
    outcome: str | None = None


class BallotTrustee(SQLModel, table=True):
    """One trustee and what they said; they count from 1."""

    __tablename__: ClassVar[str] = "ballot_trustee"
    __table_args__ = (UniqueConstraint("vote_id", "official_id"),)

    vote_id: UUID = Field(primary_key=True, foreign_key="ballot_box.vote_id")
    number: int = Field(primary_key=True)
    agency_id: UUID
    official_id: UUID
    said: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    factors: str | None = None


class BallotCredential(SQLModel, table=True):
    """The public part of a credential may sign one ballot; it is nobody's here."""

    __tablename__: ClassVar[str] = "ballot_credential"
    __table_args__ = (_BY_KEY_ALONE,)

    vote_id: UUID = Field(primary_key=True, foreign_key="ballot_box.vote_id")
    known_as: str = Field(primary_key=True, max_length=_HEX)
    agency_id: UUID


class SealedBallot(SQLModel, table=True):
    """One encrypted ballot of one credential; never changed."""

    __tablename__: ClassVar[str] = "sealed_ballot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vote_id", "known_as"], ["ballot_credential.vote_id", "ballot_credential.known_as"]
        ),
        UniqueConstraint("vote_id", "tracker"),
        _BY_KEY_ALONE,
    )

    vote_id: UUID = Field(primary_key=True)
    known_as: str = Field(primary_key=True, max_length=_HEX)
    agency_id: UUID
    tracker: str = Field(max_length=_BASE64)
    ballot: str


class BallotHandout(SQLModel, table=True):
    """The registrar gave out a credential for this mandate; which one, nobody writes down."""

    __tablename__: ClassVar[str] = "ballot_handout"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vote_id", "mandate_id"], ["vote_mandate.vote_id", "vote_mandate.id"]
        ),
        _BY_KEY_ALONE,
    )

    vote_id: UUID = Field(primary_key=True)
    mandate_id: UUID = Field(primary_key=True)
    agency_id: UUID
