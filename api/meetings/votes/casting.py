"""Casting ballots by name: a whole hall at once costs as many statements as one voter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from api.documents.rules import must_not_be_secret
from api.meetings import queries as meetings
from api.meetings.models import Participant
from api.meetings.rules import Act, must_be_allowed
from api.meetings.seats import seat
from api.meetings.votes import queries
from api.meetings.votes.conduct import must_be_open, shared
from api.meetings.votes.errors import AlreadyCast, NoMandate, NotThisKind, SignatureNeeded
from api.meetings.votes.models import Vote, VoteBallot, VoteMandate
from api.meetings.votes.rules import Kind, Mark, must_be_a_choice, subject_of
from api.people.factors.rules import Deed
from api.people.factors.step_up import StepUp, must_step_up
from core.actor import Actor
from core.db import Tx
from core.errors import AppError, NotFound


class Said(NamedTuple):
    """Who puts what on a ballot."""

    actor: Actor
    mark: Mark
    evidence: dict[str, Any] | None = None

    @property
    def principal_id(self) -> UUID:
        """Whose mandate it is for."""
        return self.mark.principal_id or self.actor.id


@dataclass(slots=True)
class _Hall:
    """What is known of those who cast, read at once; `ballots` grows with each that is taken."""

    vote: Vote
    seated: dict[UUID, Participant]
    mandates: dict[UUID, VoteMandate]
    ballots: dict[UUID, VoteBallot]


async def cast(tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID, mark: Mark) -> VoteBallot:
    """Cast a ballot for one's own mandate, or for a principal's; the same again changes nothing."""
    return await _cast_one(tx, meeting_id, vote_id, Said(actor, mark))


async def cast_signed(
    tx: Tx, actor: Actor, meeting_id: UUID, vote_id: UUID, mark: Mark, *, step_up: StepUp
) -> VoteBallot:
    """Cast a ballot that its voter's device has signed; what proves it is kept and published."""
    await seat(tx, actor, meeting_id, Act.VOTE)
    vote = await shared(tx, meeting_id, vote_id)
    if not vote.signed:
        raise NotThisKind(kind=vote.kind)
    principal_id = mark.principal_id or actor.id
    subject = subject_of(vote.id, vote.question, vote.choices, principal_id, mark)
    shown = await must_step_up(tx, actor, step_up, Deed.SIGN, subject)
    return await _cast_one(tx, meeting_id, vote_id, Said(actor, mark, shown.as_json()))


async def _cast_one(tx: Tx, meeting_id: UUID, vote_id: UUID, said: Said) -> VoteBallot:
    (answer,) = await cast_all(tx, meeting_id, vote_id, [said])
    if isinstance(answer, AppError):
        raise answer
    return answer


async def cast_all(
    tx: Tx, meeting_id: UUID, vote_id: UUID, said: Sequence[Said]
) -> list[VoteBallot | AppError]:
    """Cast ballots, each judged by itself; a refused one refuses no other.

    The meeting is not locked: a whole hall votes at once. The vote's row is shared among those who
    cast, and whoever closes it waits for them.
    """
    seated: dict[UUID, Participant] = {}
    for agency_id in {one.actor.agency_id for one in said}:
        officials = {one.actor.id for one in said if one.actor.agency_id == agency_id}
        seated |= await meetings.seated(tx, meeting_id, agency_id, officials)
    if not seated:
        return [NotFound(id=str(meeting_id)) for _ in said]
    try:
        vote = await shared(tx, meeting_id, vote_id)
    except NotFound as unknown:
        return [_refusal(one, seated, meeting_id) or unknown for one in said]
    mandates = await queries.mandates_of(tx, vote_id, {one.principal_id for one in said})
    held = await queries.cast_for(tx, vote_id, {one.id for one in mandates.values()})
    hall = _Hall(vote, seated, mandates, held)
    answers = [_taken(tx, hall, one) for one in said]
    await tx.session.flush()
    return answers


def _taken(tx: Tx, hall: _Hall, said: Said) -> VoteBallot | AppError:
    refusal = _refusal(said, hall.seated, hall.vote.meeting_id)
    if refusal is not None:
        return refusal
    try:
        return _cast(tx, hall, said)
    except AppError as error:
        return error


def _refusal(said: Said, seated: dict[UUID, Participant], meeting_id: UUID) -> AppError | None:
    """Say why somebody may not vote in a meeting at all."""
    mine = seated.get(said.actor.id)
    if mine is None:
        return NotFound(id=str(meeting_id))
    try:
        must_be_allowed(Act.VOTE, mine.part)
    except AppError as refusal:
        return refusal
    return None


def _cast(tx: Tx, hall: _Hall, said: Said) -> VoteBallot:
    vote, mark, actor = hall.vote, said.mark, said.actor
    if vote.kind is not Kind.OPEN:
        raise NotThisKind(kind=vote.kind)
    must_be_a_choice(mark.choice, len(vote.choices))
    must_not_be_secret("", "", [mark.words or ""])
    mandate = _mandate(hall, said)
    known = hall.ballots.get(mandate.id)
    if known is not None:
        if (known.choice, known.words, known.cast_by) != (mark.choice, mark.words, actor.id):
            raise AlreadyCast
        return known
    must_be_open(tx, vote)
    if vote.signed and said.evidence is None:
        raise SignatureNeeded
    ballot = VoteBallot(
        vote_id=vote.id,
        mandate_id=mandate.id,
        agency_id=vote.agency_id,
        choice=mark.choice,
        words=mark.words,
        cast_by=actor.id,
        cast_at=tx.now,
        evidence=said.evidence,
    )
    hall.ballots[mandate.id] = ballot
    tx.session.add(ballot)
    named = {"vote": str(vote.id), "mandate": str(mandate.id)}
    tx.audit(actor, "meetings.cast_vote", vote.meeting_id, **named)
    return ballot


def _mandate(hall: _Hall, said: Said) -> VoteMandate:
    """Return the mandate that is cast: one's own, when one was there, or one stood in for."""
    found, actor_id = hall.mandates.get(said.principal_id), said.actor.id
    if found is not None:
        is_own = found.official_id == actor_id and found.principal_present
        if is_own or found.delegate_id == actor_id:
            return found
    raise NoMandate
