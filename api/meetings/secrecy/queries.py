"""What may be read of secret votes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from api.meetings.secrecy import archive
from api.meetings.secrecy.archive import Archive, Setup
from api.meetings.secrecy.errors import NotEntrusted
from api.meetings.secrecy.models import (
    BallotBox,
    BallotCredential,
    BallotHandout,
    BallotTrustee,
    SealedBallot,
)
from api.meetings.secrecy.rules import Step, step_of
from api.meetings.votes.errors import WrongVoteState
from api.meetings.votes.models import Vote
from api.meetings.votes.rules import State
from core.db import ReadTx
from core.errors import NotFound

#: From here on everybody may fetch the archive.
_HAS_ARCHIVE = frozenset({State.OPEN, State.CLOSED, State.TALLIED, State.PUBLISHED})


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A secret vote and its trustees, in their order."""

    vote: Vote
    box: BallotBox
    trustees: Sequence[BallotTrustee]

    @property
    def step(self) -> Step | None:
        """Where the key ceremony stands; None: it is done."""
        said = [self.steps_of(one) for one in self.trustees]
        return step_of(said, is_dealt=self.box.inputs is not None, is_done=self.is_done)

    @property
    def is_done(self) -> bool:
        """Whether the common key is there."""
        return self.box.threshold_parameters is not None

    def steps_of(self, trustee: BallotTrustee) -> set[Step]:
        """The steps that a trustee has taken."""
        return {Step(step) for step in trustee.said}

    def is_due(self, step: Step) -> bool:
        """Whether all have taken a step that the tool has still to work on."""
        return self.step is step and len(self.said(step)) == len(self.trustees)

    def said(self, step: Step) -> list[str]:
        """What was said at a step, in the trustees' order; nothing where somebody is missing."""
        texts = [one.said.get(step) for one in self.trustees]
        return [text for text in texts if text is not None] if all(texts) else []

    def mine(self, official_id: UUID) -> BallotTrustee:
        """Return the trustee that an official is."""
        found = next((one for one in self.trustees if one.official_id == official_id), None)
        if found is None:
            raise NotEntrusted
        return found


async def ceremony(view: ReadTx, vote: Vote) -> Ceremony:
    """Return how a secret vote is set up; other votes have nothing of the kind."""
    box = await view.session.get(BallotBox, vote.id)
    if box is None:
        raise NotFound(id=str(vote.id))
    return Ceremony(vote, box, await trustees(view, vote.id))


async def trustees(view: ReadTx, vote_id: UUID) -> Sequence[BallotTrustee]:
    """List the trustees of a vote."""
    statement = select(BallotTrustee).where(BallotTrustee.vote_id == vote_id)
    return (await view.session.exec(statement.order_by(col(BallotTrustee.number)))).all()


async def box(view: ReadTx, vote_id: UUID) -> BallotBox | None:
    """Return the box of a vote; open votes have none."""
    return await view.session.get(BallotBox, vote_id)


async def by_uuid(view: ReadTx, uuid: str) -> tuple[Vote, BallotBox]:
    """Return a vote by the name of its election, once it is open."""
    statement = select(BallotBox).where(BallotBox.uuid == uuid)
    found = (await view.session.exec(statement)).first()
    vote = await view.session.get(Vote, found.vote_id) if found is not None else None
    if found is None or vote is None or vote.state not in _HAS_ARCHIVE:
        raise NotFound(id=uuid)
    return vote, found


async def is_listed(view: ReadTx, vote_id: UUID, known_as: str) -> bool:
    """Say whether a credential may sign a ballot of a vote."""
    return await view.session.get(BallotCredential, (vote_id, known_as)) is not None


async def cast_count(view: ReadTx, vote_id: UUID) -> int:
    """Count the ballots."""
    statement = select(func.count()).where(SealedBallot.vote_id == vote_id)
    return (await view.session.exec(statement)).one()


async def handed_out(view: ReadTx, vote_id: UUID) -> int:
    """Count the mandates that were given a credential."""
    statement = select(func.count()).where(BallotHandout.vote_id == vote_id)
    return (await view.session.exec(statement)).one()


async def sealed(view: ReadTx, vote_id: UUID) -> Sequence[str]:
    """List the ballots by their credentials, which is no order of time."""
    statement = select(SealedBallot.ballot).where(SealedBallot.vote_id == vote_id)
    return (await view.session.exec(statement.order_by(col(SealedBallot.known_as)))).all()


def setup_of(box: BallotBox) -> Setup:
    """Return what a vote is held with."""
    return Setup(box.uuid, box.election or "", box.trustees or "", box.credentials or "")


def opened(vote: Vote, box: BallotBox) -> Archive:
    """Return the archive as it was when the vote opened."""
    seconds = 0 if vote.opened_at is None else int(vote.opened_at.timestamp())
    return archive.opened(setup_of(box), seconds)


async def counted(view: ReadTx, vote: Vote, box: BallotBox) -> Archive:
    """Return the archive with all ballots that hold, and their encrypted sum."""
    if box.tally is None or box.sized_tally is None:
        raise WrongVoteState(state=vote.state, move="decrypt")
    rejected = set(box.rejected or ())
    statement = select(SealedBallot).where(SealedBallot.vote_id == vote.id)
    ballots = (await view.session.exec(statement)).all()
    grown = opened(vote, box)
    archive.add_ballots(grown, [one.ballot for one in ballots if one.tracker not in rejected])
    grown.add(archive.TALLY, box.tally, box.sized_tally)
    return grown


async def whole(view: ReadTx, vote: Vote, box: BallotBox) -> Archive:
    """Return the archive as far as the public may see it now."""
    if box.tally is None or vote.state is State.OPEN:
        return opened(vote, box)
    grown = await counted(view, vote, box)
    if vote.state is State.PUBLISHED:
        await add_result(view, grown, box)
    return grown


async def add_result(view: ReadTx, grown: Archive, box: BallotBox) -> None:
    """Add what the trustees decrypted, and the result."""
    add_factors(grown, await trustees(view, box.vote_id))
    if box.outcome is not None:
        grown.add(archive.RESULT, box.outcome)


def add_factors(grown: Archive, people: Sequence[BallotTrustee]) -> None:
    """Add what each trustee decrypted."""
    for one in people:
        if one.factors is not None:
            archive.add_partial(grown, one.number, one.factors)
