"""A paper that lies everywhere in the house, before it turns out to be secret."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api import background
from api.demo.phone import Phone
from api.documents import quarantine
from api.documents import service as document_service
from api.documents.models import Document, Revision
from api.meetings import flows as meetings
from api.meetings.papers import service as papers
from api.meetings.plans import Laid
from api.signing import flows as signing
from api.wiring import Engines
from core.ids import new_id
from core.worker import Worker
from push.models import Notification
from tests.support.clock import Clock
from tests.support.correspondence import letter, send_in
from tests.support.gatherings import TO_SESSION, called
from tests.support.issuing import code_of
from tests.support.ministry import Ministry, Person
from tests.support.signing import enrol, submitted, work

As = Callable[[Person], Awaitable[Phone]]

#: Words of the paper, its title and issuer, its answers and what is said of it, as they are folded.
MARKS = ("bazan", "granit", "thach anh")
TITLE, TEXT, ANSWER = "Về trữ lượng bazan", "Trữ lượng granit tại bãi Sậy", "Trả lời về thạch anh"
ISSUER = "Sở Đá granit"
KEYS = {name: f"withdrawn-{name}" for name in ("register", "draft", "gather")}


@dataclass
class Spread:
    """A paper, its answers, and all that names one of them.

    Attributes:
        gone: the paper, an answer that waits for its signature, and one that was issued.
        paths: the values of the parameters in paths.
        sent: requests that may be repeated under their keys.
    """

    gone: list[UUID]
    paths: dict[str, list[str]]
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    beside: str = ""

    @property
    def source(self) -> UUID:
        return self.gone[0]


async def spread(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, folder: Path
) -> Spread:
    """Register a letter, answer it twice, sign and issue one answer, and meet over it."""
    await enrol(engines, ministry)
    clerk, officer, leader = [
        await as_(who) for who in (ministry.clerk, ministry.officer, ministry.leader)
    ]
    search_id = new_id()
    await leader.send("PUT", f"/lookup/saved/{search_id}", json={"name": "Mỏ", "q": "trữ lượng"})
    source = await _registered(clerk, ministry, folder)
    task = await _directed(leader, ministry, source)
    waiting, finished = [await _answered(officer, ministry, source, key) for key in ("a", "b")]
    beside = await submitted(engines, ministry)
    request, other = [await _submitted(officer, ministry, one) for one in (waiting, finished)]
    signed_list = await _signed(leader, engines, clock, [other, str(beside.id)])
    leader, clerk = await as_(ministry.leader), await as_(ministry.clerk)
    gathered = {"request_ids": [request]}
    headers = {"Idempotency-Key": KEYS["gather"]}
    open_list = (await leader.post("/signing-lists", json=gathered, headers=headers)).json()["id"]
    await _issued(engines, ministry, UUID(finished))
    extract = {"json": {"form": "extract", "pages": [0]}}
    copy = (await clerk.post(f"/documents/{finished}/copies", **extract)).json()["id"]
    meeting = await _met(engines, ministry, UUID(source))
    await Worker(engines.db, background.handlers(engines)).run_due()
    return Spread(
        gone=[UUID(source), UUID(waiting), UUID(finished)],
        paths={
            "document_id": [source, waiting, finished],
            "request_id": [request, other],
            "code": [await code_of(engines, UUID(finished))],
            "list_id": [open_list, signed_list],
            "file_id": [copy],
            "meeting_id": [str(meeting)],
            "task_id": [task],
            "official_id": [str(ministry.leader.id)],
            "notification_id": await _notifications(engines),
            "vote_id": [str(new_id())],
            "search_id": [str(search_id)],
            "track_id": [str(new_id())],
            "page": ["0", "2"],
        },
        sent=[
            ("leader", "/signing-lists", {"json": gathered, "headers": headers}),
            ("officer", "/documents/drafts", _draft(ministry, source, "a")),
        ],
        beside=str(beside.id),
    )


async def withdraw(engines: Engines, document_id: UUID) -> None:
    """Find a stamp on a paper."""
    async with engines.db.begin() as tx:
        document = await tx.session.get_one(Document, document_id, with_for_update=True)
        await quarantine.find(tx, document, page=0, level="mật")


async def hashes(engines: Engines, document_ids: list[UUID]) -> list[str]:
    """Return what the files of documents are known by."""
    async with engines.db.read() as view:
        statement = select(Revision).where(col(Revision.document_id).in_(document_ids))
        return [one.sha256 for one in (await view.session.exec(statement)).all()]


async def _registered(clerk: Phone, ministry: Ministry, folder: Path) -> str:
    pdf = await asyncio.to_thread(letter, folder, TEXT)
    said = {"title": TITLE, "issuer": ISSUER, "key": KEYS["register"]}
    return str((await send_in(clerk, ministry, pdf, **said)).json()["id"])


async def _directed(leader: Phone, ministry: Ministry, source: str) -> str:
    asked = {
        "document_id": source,
        "content": "Tham mưu văn bản trả lời",
        "lead_id": str(ministry.officer.id),
        "deadline": "2026-02-01T08:00:00+07:00",
    }
    return str((await leader.post("/tasks", json=asked)).json()["id"])


def _draft(ministry: Ministry, source: str, key: str) -> dict[str, Any]:
    body = {
        "type_code": "decision", "title": ANSWER, "articles": ["Thạch anh còn đủ."],
        "recipients": ["Như trên"], "signer_id": str(ministry.leader.id), "reply_to": source,
    }  # fmt: skip
    return {"json": body, "headers": {"Idempotency-Key": f"{KEYS['draft']}-{key}"}}


async def _answered(officer: Phone, ministry: Ministry, source: str, key: str) -> str:
    answer = await officer.post("/documents/drafts", **_draft(ministry, source, key))
    return str(answer.json()["id"])


async def _submitted(officer: Phone, ministry: Ministry, document_id: str) -> str:
    asked = {"signer_id": str(ministry.leader.id)}
    return str((await officer.post(f"/documents/{document_id}/submit", json=asked)).json()["id"])


async def _signed(leader: Phone, engines: Engines, clock: Clock, requests: list[str]) -> str:
    """Sign papers in one list; each of their pages is looked at."""
    for request in requests:
        pages = (await leader.get(f"/signature-requests/{request}")).json()["pages"]
        for page in range(pages):
            await leader.get(f"/signature-requests/{request}/pages/{page}?width=320")
    shown = (await leader.post("/signing-lists", json={"request_ids": requests})).json()
    await leader.sign_list(shown)
    await work(engines, clock, rounds=4)
    return str(shown["id"])


async def _issued(engines: Engines, ministry: Ministry, document_id: UUID) -> None:
    clerk = ministry.clerk.actor
    await signing.number(engines.signing, clerk, document_id)
    await signing.seal(engines.signing, clerk, document_id)
    async with engines.db.begin() as tx:
        await document_service.issue(tx, clerk, document_id)


async def _met(engines: Engines, ministry: Ministry, source: UUID) -> UUID:
    """Meet over the paper: it lies on the table, is shown, and bears a note."""
    meeting_id = await called(engines.db, ministry, *TO_SESSION)
    async with engines.db.begin() as tx:
        await papers.lay(tx, ministry.leader.actor, meeting_id, Laid(source))
        file = (
            await tx.session.exec(select(Revision.id).where(Revision.document_id == source))
        ).one()
    selector = {"type": "FragmentSelector", "value": "xywh=percent:10,20.5,30,5"}
    target = {"source": str(source), "revision": str(file), "page": 0, "selector": selector}
    note = {
        "id": str(new_id()), "layer": "shared", "motivation": "commenting",
        "body": "Xem lại granit", "target": target,
    }  # fmt: skip
    for kind, said in (
        ("note.put", note),
        ("page.turn", {"document_id": str(source), "page": 0}),
    ):
        actor = ministry.leader.actor
        await meetings.command(engines.db, actor, meeting_id, kind=kind, key=new_id(), data=said)
    return meeting_id


async def _notifications(engines: Engines) -> list[str]:
    async with engines.db.read() as view:
        return [str(one) for one in (await view.session.exec(select(Notification.id))).all()]
