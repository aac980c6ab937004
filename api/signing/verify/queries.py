"""What anybody may look up who holds a paper of ours: only what was issued, by its code."""

from sqlmodel import col, select

from api.documents.models import CheckingCode, Document, Revision
from api.documents.queries import may_leave
from api.documents.rules import Purpose, State
from api.signing.verify.errors import NothingIssued
from core.db import ReadTx


async def issued_by_code(view: ReadTx, code: str) -> tuple[Document, list[Revision]]:
    """Return the issued document with this code, and its files from the seal on, the newest first.

    Raises:
        NothingIssued: the code is unknown, or its document is not in force: nobody learns which.
    """
    statement = (
        select(Document, Revision)
        .join(CheckingCode, col(CheckingCode.document_id) == col(Document.id))
        .join(Revision, col(Revision.document_id) == col(Document.id))
        .where(CheckingCode.code == code, Document.state == State.ISSUED, may_leave())
        .order_by(col(Revision.ordinal).desc())
    )
    found = (await view.session.exec(statement)).all()
    seals = [file.ordinal for _, file in found if file.purpose is Purpose.SEALED]
    if not seals:
        raise NothingIssued
    return found[0][0], [file for _, file in found if file.ordinal >= max(seals)]
