"""What phones send and get about votes."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.meetings.secrecy.rules import Secrecy
from api.meetings.secrecy.schemas import SecrecyIn, SecretOut
from api.meetings.votes import rules
from api.meetings.votes.rules import MOST_CHOICES, Base, Kind, Question, State

_STRICT = ConfigDict(extra="forbid")
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]*$"),
]
Choice = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$"),
]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$"),
]
Number = Annotated[int, Field(ge=0, le=MOST_CHOICES)]
YES_NO_ABSTAIN = ["Tán thành", "Không tán thành", "Không có ý kiến"]


class RuleIn(BaseModel):
    """Which majority adopts."""

    quorum_percent: Annotated[int, Field(ge=0, le=100)] = 50
    base: Base = Base.PRESENT
    numerator: Annotated[int, Field(ge=0, le=1000)] = 1
    denominator: Annotated[int, Field(ge=1, le=1000)] = 2
    more_than: bool = Field(default=True, description="exceed the share; else reach it")
    weighted: bool = Field(default=False, description="count votes, not persons")
    abstention: Number | None = Field(default=None, description="the choice that abstains")

    @model_validator(mode="after")
    def _is_a_share(self) -> Self:
        if self.numerator > self.denominator:
            raise ValueError("a share is at most the whole")
        return self

    def rule(self) -> rules.Rule:
        """Return it as the rules take it."""
        return rules.Rule(**self.model_dump())


class DraftVote(BaseModel):
    """Put a question to the vote."""

    question: Text
    choices: Annotated[list[Choice], Field(min_length=2, max_length=MOST_CHOICES)] = YES_NO_ABSTAIN
    rule: RuleIn = RuleIn(abstention=2)
    kind: Kind = Kind.OPEN
    item_id: UUID | None = None
    closes_at: AwareDatetime | None = Field(default=None, description="when it closes by itself")
    secrecy: SecrecyIn | None = Field(default=None, description="of the kind `secret`, and only it")
    signed: bool = Field(default=False, description="everybody signs their ballot; kind `open`")

    @model_validator(mode="after")
    def _is_signed_openly(self) -> Self:
        if self.signed and self.kind is not Kind.OPEN:
            raise ValueError("a signature tells whose ballot it is")
        return self

    def asked(self) -> Question:
        """Return it as the services take it."""
        return Question(
            self.question, tuple(self.choices), self.rule.rule(), self.kind, self.item_id,
            self.closes_at, self.signed,
        )  # fmt: skip

    def plan(self) -> Secrecy | None:
        """Return who keeps it secret."""
        return self.secrecy.plan() if self.secrecy is not None else None


class Cast(BaseModel):
    """Cast a ballot."""

    model_config = _STRICT

    choice: Number
    principal_id: UUID | None = Field(default=None, description="whose delegate I am")
    words: Words | None = Field(default=None, description="an opinion that goes with the ballot")


class CastCommand(Cast):
    """Socket command `vote.cast`: cast a ballot."""

    vote_id: UUID


class OneVote(BaseModel):
    """Socket commands `vote.open|close|annul`: move a vote on."""

    model_config = _STRICT

    vote_id: UUID


class PublishCommand(OneVote):
    """Socket command `vote.publish`: tell the result."""

    although_it_reveals: bool = False


class Receipt(BaseModel):
    """What was cast, for which mandate; it stands in the list once that is published."""

    vote_id: UUID
    mandate_id: UUID
    choice: int
    cast_at: datetime


class VoteOut(BaseModel):
    """A vote; how it stands is told to nobody before it is published."""

    id: UUID
    kind: Kind
    item_id: UUID | None
    question: str
    choices: list[str]
    rule: dict[str, Any]
    state: State
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    signed: bool = Field(description="ballots are cast at `signed-ballots`")
    cast: int = Field(description="how many have voted")
    electorate: dict[str, int] | None
    mine: list[UUID] = Field(description="the principals whose ballot I may cast, mine among them")
    result: dict[str, Any] | None
    digest: str | None
    secret: SecretOut | None = Field(description="how a secret vote is set up")


class BallotOut(BaseModel):
    """One line of the published list."""

    mandate_id: UUID
    official_id: UUID
    weight: int
    choice: int
    words: str | None
    cast_by: UUID
    evidence: dict[str, Any] | None = Field(
        default=None, description="in a signed vote: the device's proof and its public key"
    )


class PublishedOut(BaseModel):
    """Everything the result was computed from: anybody can count it again."""

    choices: list[str]
    rule: dict[str, Any]
    electorate: dict[str, int]
    ballots: list[BallotOut]
    result: dict[str, Any]
    digest: str
    box: str | None = Field(
        default=None,
        description="of a secret vote: its list is `GET /ballot-boxes/{box}/archive`",
    )
