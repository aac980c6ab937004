"""A document of ours, taken through every use-case until it is issued."""

from uuid import UUID

from sqlmodel import select

from api.documents import flows as documents
from api.documents import service as document_service
from api.documents.contents import Draft
from api.documents.flows import Office
from api.documents.models import CheckingCode
from api.signing import flows, service
from api.signing.asking import Wanted
from api.wiring import Engines
from core.ids import new_id
from tests.support.clock import Clock
from tests.support.ministry import Ministry
from tests.support.signing import consent, enrol, work

TITLE = "Về việc phê duyệt Kế hoạch"


def office(engines: Engines) -> Office:
    return Office(
        engines.db, engines.blobs, engines.sandbox, engines.desk, engines.verify,
        engines.settings.checked_at,
    )  # fmt: skip


async def drafted(engines: Engines, ministry: Ministry) -> UUID:
    draft = Draft(
        type_code="decision",
        title=TITLE,
        articles=("Phê duyệt Kế hoạch.",),
        recipients=("Lưu: VT",),
        signer_id=ministry.leader.id,
    )
    entered = await documents.draft(office(engines), ministry.officer.actor, new_id(), draft=draft)
    return entered.document.id


async def sealed(engines: Engines, ministry: Ministry, clock: Clock) -> UUID:
    """Draft, sign, number and seal a decision."""
    await enrol(engines, ministry)
    document_id = await drafted(engines, ministry)
    async with engines.db.begin() as tx:
        request = await service.submit(
            tx, ministry.officer.actor, document_id, Wanted(ministry.leader.id)
        )
    await consent(engines, ministry, request.id)
    await work(engines, clock)
    await flows.number(engines.signing, ministry.clerk.actor, document_id)
    await flows.seal(engines.signing, ministry.clerk.actor, document_id)
    return document_id


async def issued(engines: Engines, ministry: Ministry, clock: Clock) -> UUID:
    """Take a decision all the way."""
    document_id = await sealed(engines, ministry, clock)
    async with engines.db.begin() as tx:
        await document_service.issue(tx, ministry.clerk.actor, document_id)
    return document_id


async def code_of(engines: Engines, document_id: UUID) -> str:
    async with engines.db.read() as view:
        statement = select(CheckingCode.code).where(CheckingCode.document_id == document_id)
        return (await view.session.exec(statement)).one()


async def file_of(engines: Engines, ministry: Ministry, document_id: UUID) -> bytes:
    """Return the newest file of a document."""
    opened = await documents.open_file(office(engines), ministry.clerk.actor, document_id)
    return b"".join([chunk async for chunk in await engines.blobs.read(opened.sha256)])
