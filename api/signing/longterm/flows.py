"""Making signatures last, in the background: a dead service costs a level, never a signature.

Every step reads where the document stands, asks the trust services outside of any transaction,
and notes what came of it; so it can be run again from its start. What is missing is tried again
for as long as it takes, more and more seldom.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from api.documents import queries as documents
from api.documents.contents import Content
from api.documents.desk import Desk
from api.documents.models import Document, Revision
from api.documents.rules import Level
from api.signing.evidence.errors import BadStamp
from api.signing.longterm import sandboxed, service
from api.signing.longterm.rules import goal_of, pause_after
from api.signing.trust.errors import AddressRefused, TrustServiceSilent
from api.signing.trust.port import Kind, Question, TrustServices
from core.blobs.port import Blobs
from core.db import Database
from core.errors import AppError
from core.sandbox import Sandbox
from core.worker import RunAgain

#: How often a missing certificate may lead to the next one.
_MOST_ROUNDS = 4
#: Lists and stampers are asked anew after so long; a signer's own status always is.
_REMEMBERED = timedelta(minutes=10)
_FAILURES = (TrustServiceSilent, AddressRefused, BadStamp)
Answers = list[dict[str, Any]]
T = TypeVar("T")


@dataclass
class Memory:
    """What was learnt lately of the services themselves, so that a file need not wait for it."""

    stampers: list[bytes] = field(default_factory=list)  # the certificates of who stamped last
    lists: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Archive:
    """What the long-term work works with.

    Attributes:
        stampers: the time-stamping services, tried in turn.
    """

    db: Database
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    trust: Path
    services: TrustServices
    stampers: Sequence[str]
    memory: Memory = field(default_factory=Memory)

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
    if goal is None or document.signature_level in {goal, Level.B_LTA}:
        return
    try:
        async with archive.desk.alone(f"lengthen:{document_id}"):
            await _lengthen(archive, document_id, revision, goal)
    except _FAILURES as failure:
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
    except _FAILURES as failure:
        raise RunAgain(timedelta(hours=1)) from failure


async def _lengthen(archive: Archive, document_id: UUID, revision: Revision, goal: Level) -> None:
    async with archive.copy_of(revision.sha256) as path:
        surveyed = await _survey(archive, path, [])
        asking = asyncio.create_task(_answers(archive, surveyed, []))
        try:
            if surveyed["stamp"] is not None:
                stamped = await _stamp(archive, document_id, revision, path, surveyed["stamp"])
                if stamped is None:
                    return  # the document has moved on and needs this file no more
                revision = stamped
            answers = await asking
        finally:
            asking.cancel()
        if goal is Level.B_LTA:
            await _archive(archive, document_id, revision, path, answers)


async def _stamp(
    archive: Archive, document_id: UUID, revision: Revision, path: Path, asked: dict[str, Any]
) -> Revision | None:
    """Reach B-T: a stamp on the value of the last signature."""

    async def use(answer: bytes) -> list[bytes]:
        return await archive.sandbox.run(
            sandboxed.stamp_file, path, answer, asked["body"], archive.trust
        )

    archive.memory.stampers = await _stamped(archive, asked, use)
    return await _note(archive, document_id, revision, path, Level.B_T)


async def _archive(
    archive: Archive, document_id: UUID, revision: Revision, path: Path, answers: Answers
) -> None:
    """Reach B-LTA: evidence of every certificate, and a stamp on the whole file."""
    for _ in range(_MOST_ROUNDS):
        surveyed = await _survey(archive, path, answers)
        fresh = await _answers(archive, surveyed, answers)
        answers = [*answers, *fresh]
        if not _above(fresh):
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

    finished = await _stamped(archive, prepared["asked"], use)
    archive.memory.stampers = finished["certificates"]
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


# --- what is asked outside ------------------------------------------------------------------


async def _stamped(
    archive: Archive, asked: dict[str, Any], use: Callable[[bytes], Awaitable[T]]
) -> T:
    """Ask one stamping service after the other until one gives a stamp that can be used."""
    failure: AppError = TrustServiceSilent(why="no_stamper")
    for url in archive.stampers:
        try:
            return await use(await archive.services.ask(Question.from_json(asked | {"url": url})))
        except _FAILURES as one:
            failure = one
    raise failure


async def _survey(archive: Archive, path: Path, answers: Answers) -> dict[str, Any]:
    known = [*archive.memory.stampers, *_above(answers)]
    return await archive.sandbox.run(sandboxed.survey_file, path, archive.trust, known)


async def _answers(archive: Archive, surveyed: dict[str, Any], answered: Answers) -> Answers:
    """Ask about every certificate at once; a service that fails leaves its answer out."""
    done = {each["about"] for each in answered if each not in _certificates(answered)}
    needs = [each for each in surveyed["needs"] if each["about"] not in done]
    found = await asyncio.gather(*(_first(archive, **need) for need in needs))
    return [each for each in found if each is not None]


def _certificates(answers: Answers) -> Answers:
    return [each for each in answers if each["asked"]["kind"] == Kind.CERTIFICATE]


def _above(answers: Answers) -> list[bytes]:
    """Return the certificates that were fetched."""
    return [each["answer"] for each in _certificates(answers)]


async def _first(archive: Archive, about: str, ways: list[dict[str, Any]]) -> dict[str, Any] | None:
    for asked in ways:
        try:
            answer = await _remembered(archive, Question.from_json(asked))
        except _FAILURES:
            continue
        return {"about": about, "asked": asked, "answer": answer}
    return None


async def _remembered(archive: Archive, question: Question) -> bytes:
    """Ask, unless it is a list that was fetched just before."""
    now, lists = archive.db.clock(), archive.memory.lists
    if question.kind is Kind.CRL and question.url in lists:
        at, answer = lists[question.url]
        if now - at < _REMEMBERED:
            return answer
    answer = await archive.services.ask(question)
    if question.kind is Kind.CRL:
        lists[question.url] = (now, answer)
    return answer
