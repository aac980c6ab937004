"""What may be looked up about lists: one's own."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import select

from api.signing.lists.models import SigningList
from api.signing.models import SignatureRequest
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound


async def signing_list(view: ReadTx, actor: Actor, list_id: UUID) -> SigningList:
    """Return a list of the actor's own."""
    mine = select(SigningList).where(
        SigningList.id == list_id,
        SigningList.signer_id == actor.id,
        SigningList.agency_id == actor.agency_id,
    )
    found = (await view.session.exec(mine)).first()
    if found is None:
        raise NotFound(id=str(list_id))
    return found


async def members(view: ReadTx, list_id: UUID) -> Sequence[SignatureRequest]:
    """Return the requests of a list that was said yes to."""
    inside = select(SignatureRequest).where(SignatureRequest.list_id == list_id)
    return (await view.session.exec(inside)).all()
