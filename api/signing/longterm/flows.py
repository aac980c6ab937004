"""Making signatures last, in the background: a dead service costs a level, never a signature.

Every step reads where the document stands, asks the trust services outside of any transaction,
and notes what came of it; so it can be run again from its start. What is missing is tried again
for as long as it takes, more and more seldom.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from api.documents import queries as documents
from api.documents.contents import Content
from api.documents.desk import Desk
from api.documents.models import Document, Revision
from api.documents.rules import Level
from api.signing.evidence.asking import FAILURES, Answers, Inquiry, above
from api.signing.longterm import sandboxed, service
from api.signing.longterm.rules import goal_of, pause_after
from api.signing.trust.errors import TrustServiceSilent
from core.blobs.port import Blobs
from core.db import Database
from core.sandbox import Sandbox
from core.worker import RunAgain

#: How often a missing certificate may lead to the next one.
_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Archive:
    """What the long-term work works with."""

    db: Database
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    trust: Path
    inquiry: Inquiry

    @asynccontextmanager
    async def copy_of(self, sha256: str) -> AsyncGenerator[Path]:
        """Give a copy of a blob to work on, gone afterwards."""
        async with self.desk.space() as space:
            path = space / "work.pdf"
            await self.blobs.fetch(sha256, path)
            yield path

    async def keep(self, path: Path, revision: Revision) -> Content:
        """Store a finished file; its texts are those of the revision before."""
        stored = await self.blobs.put_file(path)
        return Content(stored.sha256, stored.size, revision.pages)


async def lengthen(archive: Archive, payload: dict[str, Any]) -> None:
    """Bring a document to the level that its state asks for; raises `RunAgain` while it waits."""
    document_id = UUID(payload["body"]["document_id"])
    async with archive.db.read() as view:
        document = await view.session.get_one(Document, document_id)
        revision = await documents.latest_revision(view, document_id)
    goal = goal_of(document.state)
    if goal is None or document.signature_level in {None, goal, Level.B_LTA}:
        return  # nothing to do now: it is unsigned, or done
    try:
        async with archive.desk.alone(f"lengthen:{document_id}"):
            await _lengthen(archive, document_id, revision, goal)
    except FAILURES as failure:
        raise RunAgain(pause_after(revision.created_at, archive.db.clock())) from failure


async def renew(archive: Archive, payload: dict[str, Any]) -> None:
    """Stamp a file anew before the certificate of its last stamp ends."""
    document_id, stamped = UUID(payload["document_id"]), UUID(payload["revision_id"])
    async with archive.db.read() as view:
        revision = await documents.latest_revision(view, document_id)
    if revision.id != stamped:
        return  # stamped anew already
    try:
        async with archive.copy_of(revision.sha256) as path:
            await _archive(archive, document_id, revision, path, [])
    except FAILURES as failure:
        raise RunAgain(timedelta(hours=1)) from failure


async def _lengthen(archive: Archive, document_id: UUID, revision: Revision, goal: Level) -> None:
    async with archive.copy_of(revision.sha256) as path:
        surveyed = await _survey(archive, path, [])
        asking = asyncio.create_task(archive.inquiry.answers(surveyed["needs"], []))
        try:
            if surveyed["stamp"] is not None:
                stamped = await _stamp(archive, document_id, revision, path, surveyed)
                if stamped is None:
                    return  # the document has moved on and needs this file no more
                revision = stamped
            answers = await asking
        finally:
            asking.cancel()
        if goal is Level.B_LTA:
            await _archive(archive, document_id, revision, path, answers)


async def _stamp(
    archive: Archive, document_id: UUID, revision: Revision, path: Path, surveyed: dict[str, Any]
) -> Revision | None:
    """Reach B-T: a stamp on the value of the last signature."""
    asked = surveyed["stamp"]

    async def use(answer: bytes) -> list[bytes]:
        return await archive.sandbox.run(
            sandboxed.stamp_file, path, answer, asked["body"], archive.trust
        )

    archive.inquiry.stampers_known = await archive.inquiry.stamped(asked, use)
    return await _note(archive, document_id, revision, path, Level(surveyed["reaches"]))


async def _archive(
    archive: Archive, document_id: UUID, revision: Revision, path: Path, answers: Answers
) -> None:
    """Reach B-LTA: evidence of every certificate, and a stamp on the whole file."""
    for _ in range(_MOST_ROUNDS):
        surveyed = await _survey(archive, path, answers)
        fresh = await archive.inquiry.answers(surveyed["needs"], answers)
        answers = [*answers, *fresh]
        if not above(fresh):
            break
    moment = archive.db.clock().isoformat()
    prepared = await archive.sandbox.run(
        sandboxed.archive_file, path, archive.trust, moment, answers
    )
    if prepared["missing"]:
        raise TrustServiceSilent(why="evidence_missing")

    async def use(answer: bytes) -> dict[str, Any]:
        return await archive.sandbox.run(
            sandboxed.finish_file, path, prepared["region"], answer, prepared["asked"]["body"],
            archive.trust,
        )  # fmt: skip

    finished = await archive.inquiry.stamped(prepared["asked"], use)
    archive.inquiry.stampers_known = finished["certificates"]
    until = datetime.fromisoformat(finished["until"])
    await _note(archive, document_id, revision, path, Level.B_LTA, until)


async def _note(
    archive: Archive,
    document_id: UUID,
    revision: Revision,
    path: Path,
    level: Level,
    until: datetime | None = None,
) -> Revision | None:
    content = await archive.keep(path, revision)
    async with archive.db.begin() as tx:
        return await service.note_level(
            tx, document_id, before=revision.id, content=content, level=level, until=until
        )


async def _survey(archive: Archive, path: Path, answers: Answers) -> dict[str, Any]:
    known = [*archive.inquiry.stampers_known, *above(answers)]
    return await archive.sandbox.run(sandboxed.survey_file, path, archive.trust, known)
