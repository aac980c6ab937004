"""Who is competent to sign a document of ours: a leader, or whom a delegation lets sign for one."""

from uuid import UUID

from api.documents.errors import NotASignatory
from api.documents.models import Document
from api.people import signatories
from api.people.signatories import Signatory
from core.db import ReadTx


async def must_be_competent(
    view: ReadTx,
    agency_id: UUID,
    signer_id: UUID,
    *,
    type_code: str,
    on_behalf_of: UUID | None = None,
) -> Signatory:
    """Return in what right an official may sign a type of document now, or refuse."""
    found = await signatories.signatory(
        view, agency_id, signer_id, type_code=type_code, principal_id=on_behalf_of
    )
    if found is None:
        raise NotASignatory(id=str(signer_id))
    return found


async def must_still_be_competent(view: ReadTx, document: Document) -> None:
    """Refuse a signature in a right that the paper names and the signer has no longer."""
    found = await signatories.signatories(view, document.agency_id, type_code=document.type_code)
    rights = {(one.official.id, one.principal_id) for one in found}
    if (document.signer_id, document.on_behalf_of) not in rights:
        raise NotASignatory(id=str(document.signer_id))
