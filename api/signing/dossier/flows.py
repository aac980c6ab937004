"""What a signer is shown, and everything that others need to judge a request."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from api.documents.errors import NoSuchPage
from api.documents.models import Revision
from api.signing import queries, service
from api.signing.chain import Link
from api.signing.dossier import writing
from api.signing.flows import Tools
from api.signing.lists import queries as lists
from api.signing.queries import Card
from api.signing.records import Shown, link_of, records
from core.actor import Actor
from core.db import Database


async def page_to_sign(db: Database, actor: Actor, request_id: UUID, page: int) -> Revision:
    """Return the frozen file of a request, if it has such a page; that it is read is written."""
    async with db.begin() as tx:
        card = await queries.card(tx, actor, request_id)
        if page >= card.revision.pages:
            raise NoSuchPage(page=page, pages=card.revision.pages)
        ordinal = card.revision.ordinal
        tx.audit(actor, "documents.read_page", card.document.id, ordinal=ordinal, page=page)
        return card.revision


async def keep_shown(db: Database, actor: Actor, request_id: UUID, shown: Shown) -> None:
    """Keep as evidence what a signer is about to see; what others look at is none."""
    async with db.begin() as tx:
        await service.note_shown(tx, actor, request_id, shown)


async def export_evidence(tools: Tools, actor: Actor, request_id: UUID) -> str:
    """Return the blob with everything that others need to judge a request; who asked is written."""
    async with tools.db.begin() as tx:
        card = await queries.card(tx, actor, request_id)
        await lists.must_be_whole(tx, card.request.list_id)
        kept = await records(tx, card.request)
        tx.audit(actor, "signing.export_evidence", card.document.id, request=str(request_id))
    links = [(link_of(one), one.sha256) for one in kept]
    async with tools.desk.space() as space:
        folder, target = space / "evidence", space / "evidence.zip"
        await _fetch_evidence(tools, folder, card, [link for link, _ in links])
        anchors = list(tools.trust.glob("*.pem"))
        raw = card.request.raw_signature
        await asyncio.to_thread(writing.lay_out, folder, links, raw, anchors)
        await asyncio.to_thread(writing.pack, folder, target)
        return (await tools.blobs.put_file(target)).sha256


async def _fetch_evidence(tools: Tools, folder: Path, card: Card, links: Sequence[Link]) -> None:
    """Bring the papers and the pictures that the records name."""
    (folder / "pages").mkdir(parents=True)
    await tools.blobs.fetch(card.revision.sha256, folder / "paper.pdf")
    for link in links:
        if link.kind == "page_shown":
            name = f"{link.body['page']}-{link.body['width']}.jpg"
            await tools.blobs.fetch(link.body["sha256"], folder / "pages" / name)
        elif link.kind == "embed":
            await tools.blobs.fetch(link.body["sha256"], folder / "signed.pdf")
