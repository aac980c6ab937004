"""What may be looked up about lists: one's own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.documents import queries as documents
from api.documents.models import Document
from api.signing.errors import PaperWithdrawn
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


async def kept_items(view: ReadTx, made: SigningList) -> list[dict[str, Any]]:
    """Return what is in a list, without the papers that were taken from everybody."""
    ids = {UUID(item["document_id"]) for item in made.items}
    kept = await documents.that_may_leave(view, ids)
    return [item for item in made.items if UUID(item["document_id"]) in kept]


async def must_be_whole(view: ReadTx, list_id: UUID | None) -> None:
    """Refuse the evidence of a list that names a paper which was taken from everybody.

    Raises:
        PaperWithdrawn: what the SIM signed names every paper by its title, and cannot be cut.
    """
    made = await view.session.get(SigningList, list_id) if list_id else None
    if made is not None and len(await kept_items(view, made)) < len(made.items):
        raise PaperWithdrawn(id=str(list_id))


async def members(view: ReadTx, list_id: UUID) -> Sequence[SignatureRequest]:
    """Return the requests of a list that was said yes to, as far as their papers are there."""
    inside = (
        select(SignatureRequest)
        .join(Document, col(Document.id) == col(SignatureRequest.document_id))
        .where(SignatureRequest.list_id == list_id, documents.may_leave())
    )
    return (await view.session.exec(inside)).all()
