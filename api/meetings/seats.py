"""Who acts in a meeting, and whether they may: what every use-case of a meeting begins with."""

from dataclasses import dataclass
from uuid import UUID

from api.meetings import queries
from api.meetings.models import Meeting, Participant
from api.meetings.rules import Act, Part, must_be_allowed
from core.actor import Actor
from core.db import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class Seat:
    """A meeting, and somebody in it."""

    meeting: Meeting
    mine: Participant

    @property
    def part(self) -> Part:
        """What they are."""
        return self.mine.part

    @property
    def presents(self) -> bool:
        """Whether the room follows their pages."""
        return self.meeting.presenter_id == self.mine.official_id


async def seat(view: ReadTx, actor: Actor, meeting_id: UUID, act: Act = Act.SEE) -> Seat:
    """Return the actor's seat, or refuse: who takes no part does not learn that there is one."""
    taken = Seat(*await queries.meeting(view, actor, meeting_id))
    must_be_allowed(act, taken.part, presents=taken.presents)
    return taken


async def locked(
    tx: Tx, actor: Actor, meeting_id: UUID, act: Act, *, reports: bool = False
) -> Seat:
    """Return the actor's seat in a meeting that nobody else changes until the transaction ends."""
    await queries.meeting(tx, actor, meeting_id)
    await tx.session.flush()  # or what is not written yet would be read over
    meeting = await tx.session.get_one(
        Meeting, meeting_id, with_for_update=True, populate_existing=True
    )
    mine = await queries.participant(tx, meeting_id, actor.id)
    taken = Seat(meeting, mine)
    must_be_allowed(act, taken.part, presents=taken.presents, reports=reports)
    return taken
