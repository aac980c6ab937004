"""Minutes on their way to paper and signature: drawn between transactions, judged again after."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.documents import flows as documents
from api.documents import queries as papers
from api.documents.flows import Entered, Office
from api.documents.models import Revision
from api.documents.rules import Purpose
from api.meetings.record import queries, service, showing
from api.meetings.record.models import Minutes
from api.meetings.record.schemas import MinutesOut
from core.actor import Actor
from core.blobs.port import Blobs
from core.db import Database


class MinutesDiffer(Exception):
    """What was signed does not begin with the minutes that were frozen."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What following a signature needs."""

    db: Database
    blobs: Blobs


async def freeze(office: Office, actor: Actor, meeting_id: UUID) -> MinutesOut:
    """Make a document of the minutes and put it before the chair; may be run again."""
    async with office.db.begin() as tx:
        wanted = await service.to_freeze(tx, actor, meeting_id)
    file = None
    if wanted is not None:
        document_id, draft = wanted
        file = (await documents.draft(office, actor, document_id, draft=draft)).file
    async with office.db.begin() as tx:
        minutes = await service.freeze(tx, actor, meeting_id, file)
        await tx.session.flush()
        return await showing.whole(tx, minutes)


async def notify(office: Office, actor: Actor, meeting_id: UUID) -> Entered:
    """Draft the notice of conclusions; it goes its way like every document of ours."""
    async with office.db.begin() as tx:
        document_id, draft = await service.to_notify(tx, actor, meeting_id)
    return await documents.draft(office, actor, document_id, draft=draft)


async def follow_signature(keeping: Keeping, payload: dict[str, Any]) -> None:
    """Close the minutes that a signed document holds, if it holds any; again changes nothing."""
    document_id = UUID(payload["body"]["document_id"])
    async with keeping.db.read() as view:
        minutes = await queries.of_document(view, document_id)
        if minutes is None or minutes.signed_at is not None:
            return
        signed = await papers.latest_revision(view, document_id)
    await _must_hold(keeping.blobs, minutes, signed)
    async with keeping.db.begin() as tx:
        await service.mark_signed(tx, document_id, signed)


async def follow_return(keeping: Keeping, payload: dict[str, Any]) -> None:
    """Let the secretary write minutes anew that the chair declined to sign."""
    async with keeping.db.begin() as tx:
        await service.take_back(tx, UUID(payload["body"]["document_id"]))


async def _must_hold(blobs: Blobs, minutes: Minutes, signed: Revision) -> None:
    """Refuse a signed file that is not the frozen one with a signature added behind it."""
    if signed.purpose is Purpose.DRAFTED:
        raise MinutesDiffer
    left, digest = minutes.size or 0, hashlib.sha256()
    async for chunk in await blobs.read(signed.sha256):
        digest.update(chunk[:left])
        left -= min(left, len(chunk))
    if left or digest.hexdigest() != minutes.sha256:
        raise MinutesDiffer
