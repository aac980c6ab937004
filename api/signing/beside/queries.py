"""What may be looked up of files beside a document: by whoever may read the document."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from api.documents import queries as documents
from api.signing.beside.models import SideFile
from api.signing.beside.rules import Kind
from core.actor import Actor
from core.db import ReadTx
from core.errors import NotFound


async def of_document(view: ReadTx, actor: Actor, document_id: UUID) -> Sequence[SideFile]:
    """List the files beside a document that the actor may read, the oldest first."""
    await documents.document(view, actor, document_id)
    statement = select(SideFile).where(SideFile.document_id == document_id)
    return (await view.session.exec(statement.order_by(col(SideFile.id)))).all()


async def side_file(view: ReadTx, actor: Actor, file_id: UUID) -> SideFile:
    """Return a file beside a document that the actor may read."""
    found = await view.session.get(SideFile, file_id)
    if found is None or found.agency_id != actor.agency_id:
        raise NotFound(id=str(file_id))
    await documents.document(view, actor, found.document_id)
    return found


async def copy(view: ReadTx, document_id: UUID, copy_id: UUID) -> SideFile | None:
    """Return the copy of a document that has this id, if it was made."""
    statement = select(SideFile).where(
        SideFile.id == copy_id, SideFile.document_id == document_id, SideFile.kind == Kind.COPY
    )
    return (await view.session.exec(statement)).one_or_none()


async def attachments(view: ReadTx, document_id: UUID) -> Sequence[SideFile]:
    """Return the attachments of a document in files of their own, the oldest first."""
    statement = select(SideFile).where(
        SideFile.document_id == document_id, SideFile.kind == Kind.ATTACHMENT
    )
    return (await view.session.exec(statement.order_by(col(SideFile.id)))).all()
