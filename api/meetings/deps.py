"""What the routes of meetings have in common."""

from uuid import UUID

from api.meetings import showing
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.schemas import MeetingOut
from api.problems import problems
from core.actor import Actor
from core.db import Tx
from core.errors import Malformed, NotFound
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

ASKED = (BadToken, BadProof, DeviceRevoked, Malformed, NotFound)
STEP = problems(NotYourPart, WrongState, *ASKED)


async def shown(tx: Tx, actor: Actor, meeting_id: UUID) -> MeetingOut:
    """Return a meeting as it will be committed."""
    await tx.session.flush()
    return await showing.whole(tx, actor, meeting_id)
