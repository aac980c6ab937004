"""Meetings of the small ministry, called through the product's own use-cases."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from api.documents import intake
from api.meetings import service
from api.meetings.papers import service as papers
from api.meetings.plans import Invitee, Laid, Plan
from api.meetings.rules import Move, Part
from core.db import Database
from core.ids import new_id
from tests.support.correspondence import arrival, content
from tests.support.ministry import Ministry

PAGES = 3
#: How a meeting comes to be known to its people, and to be in session.
TO_INVITED = (Move.APPROVE, Move.INVITE)
TO_SESSION = (*TO_INVITED, Move.CHECK_IN, Move.OPEN)


def everybody(ministry: Ministry) -> list[tuple[UUID, Part]]:
    """The leader chairs, the secretary writes, the officer takes part, the colleague listens."""
    return [
        (ministry.leader.id, Part.CHAIR),
        (ministry.secretary.id, Part.SECRETARY),
        (ministry.officer.id, Part.MEMBER),
        (ministry.colleague.id, Part.GUEST),
    ]


async def paper(
    db: Database, ministry: Ministry, *, pages: int = PAGES, sha256: str | None = None
) -> UUID:
    """Register a document of some pages that the leader may read; of a file, if one is named."""
    document_id = new_id()
    held = content(document_id.hex[-8:], pages=pages, texts=["Kính gửi các đơn vị"] * pages)
    if sha256 is not None:
        held = replace(held, sha256=sha256)
    async with db.begin() as tx:
        await intake.register(
            tx, ministry.clerk.actor, document_id, arrival=arrival(ministry), content=held
        )
    return document_id


def planned(ministry: Ministry, starts_at: datetime) -> Plan:
    """The weekly meeting."""
    return Plan("Giao ban tuần", starts_at, [Invitee(*one) for one in everybody(ministry)])


async def called(db: Database, ministry: Ministry, *moves: Move) -> UUID:
    """Plan a meeting and move it on."""
    meeting_id, secretary = new_id(), ministry.secretary.actor
    async with db.begin() as tx:
        await service.plan(tx, secretary, meeting_id, planned(ministry, tx.now))
    for move in moves:
        actor = ministry.leader.actor if move is Move.APPROVE else secretary
        async with db.begin() as tx:
            await service.advance(tx, actor, meeting_id, move)
    return meeting_id


async def in_session(
    db: Database, ministry: Ministry, *, pages: int = PAGES, sha256: str | None = None
) -> tuple[UUID, UUID]:
    """Hold a meeting over one document; return the ids of both."""
    document_id = await paper(db, ministry, pages=pages, sha256=sha256)
    meeting_id = await called(db, ministry, *TO_SESSION)
    async with db.begin() as tx:
        await papers.lay(tx, ministry.leader.actor, meeting_id, Laid(document_id))
    return meeting_id, document_id
