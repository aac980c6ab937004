"""Pages of the table as pictures: the right is judged at each of them, then they are drawn."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.documents.events import DocumentQuarantined
from api.documents.flows import Office, picture
from api.documents.models import Revision
from api.meetings.papers import service
from api.meetings.papers.watermark import marked
from api.people import queries as people
from core.actor import Actor
from core.db import Database
from core.kept import Kept

QUARANTINED = DocumentQuarantined.name


@dataclass(frozen=True, slots=True)
class Table:
    """What pages of tables are given out with.

    Attributes:
        office: where their files lie and are drawn.
        marked: pictures with a reader's name across them, by their `etag`, for a while.
    """

    office: Office
    marked: Kept


@dataclass(frozen=True, slots=True)
class Page:
    """A page that somebody may see now.

    Attributes:
        etag: names the picture; with a name across it, also whose.
        mark: what is written across it; empty where it is not restricted.
    """

    revision: Revision
    page: int
    width: int
    sha256: str
    mark: str

    @property
    def etag(self) -> str:
        """What a phone keeps the picture under."""
        if not self.mark:
            return f'"{self.sha256}"'
        return f'"{hashlib.sha256(f"{self.sha256} {self.mark}".encode()).hexdigest()}"'


async def open_page(
    office: Office, actor: Actor, meeting_id: UUID, document_id: UUID, *, page: int, width: int
) -> Page:
    """Return a page for one reader; that it is read is written down first."""
    async with office.db.begin() as tx:
        paper, revision = await service.open_page(tx, actor, meeting_id, document_id, page)
        reader = await people.official(tx, actor, actor.id)
        unit = await people.myself(tx, actor)
    mark = f"{reader.full_name} · {unit.unit} · {meeting_id.hex[-6:]}"
    sha256 = await picture(office, revision, page, width)
    return Page(revision, page, width, sha256, mark if paper.row.restricted else "")


async def follow_quarantine(db: Database, payload: dict[str, Any]) -> None:
    """Tell the tables of a document that it was taken from everybody, or given back."""
    async with db.begin() as tx:
        await service.follow_quarantine(
            tx, UUID(payload["body"]["document_id"]), is_gone=payload["name"] == QUARANTINED
        )


async def bytes_of(table: Table, page: Page) -> AsyncIterator[bytes]:
    """Return the picture; a restricted one is marked for its reader, and never written down."""
    if not page.mark:
        return await table.office.blobs.read(page.sha256)
    drawn = table.marked.get(page.etag)
    if drawn is None:
        drawn = await _marked(table.office, page)
        table.marked.keep(page.etag, drawn)
    return _one(drawn)


async def _marked(office: Office, page: Page) -> bytes:
    async with office.desk.space() as space:
        await office.blobs.fetch(page.sha256, space / "page.jpg")
        drawn: bytes = await office.sandbox.run(marked, space / "page.jpg", page.mark)
    return drawn


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data
