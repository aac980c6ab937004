"""How our own documents begin."""

from uuid import UUID

from api.documents import numbering, quarantine, rules
from api.documents.competence import must_be_competent
from api.documents.contents import Content, Draft
from api.documents.events import DocumentDrafted
from api.documents.models import CheckingCode, Document
from api.documents.paper.sheets import DecisionPage
from api.documents.rules import STAMPS, Direction, Purpose, State
from api.documents.service import add_revision, flushed, locked, must_be_registered
from api.documents.types import type_of
from api.people import queries as people
from api.people.models import Official, Unit
from api.people.signatories import Signatory
from core.actor import Actor, Role
from core.db import ReadTx, Tx
from core.errors import NotFound


async def must_be_draftable(view: ReadTx, actor: Actor, draft: Draft) -> Document | None:
    """Return the document that is answered, if the actor may draft this at all."""
    actor.must_be(Role.OFFICER, Role.LEADER, Role.SECRETARY)
    type_of(draft.type_code)
    rules.must_not_be_secret(draft.secrecy, "", [draft.title, *draft.articles])
    await _signatory(view, actor, draft)
    rules.must_sign_once(draft.signer_id, draft.cosigner_ids)
    await _cosigners(view, actor, draft)
    if draft.reply_to is None:
        return None
    return await must_be_registered(view, actor, draft.reply_to)


async def _signatory(view: ReadTx, actor: Actor, draft: Draft) -> Signatory:
    return await must_be_competent(
        view,
        actor.agency_id,
        draft.signer_id,
        type_code=draft.type_code,
        on_behalf_of=draft.on_behalf_of,
    )


async def _cosigners(view: ReadTx, actor: Actor, draft: Draft) -> list[Official]:
    """Return who signs beside: officials of the agency, in the order of their places."""
    found = await people.names(view, list(draft.cosigner_ids))
    ours = {one.id: one for one in found.values() if one.agency_id == actor.agency_id}
    missing = [each for each in draft.cosigner_ids if each not in ours]
    if missing:
        raise NotFound(id=str(missing[0]))
    return [ours[each] for each in draft.cosigner_ids]


async def keep(
    tx: Tx, actor: Actor, document_id: UUID, *, draft: Draft, content: Content
) -> Document:
    """Keep what an official wrote; a second time changes nothing."""
    if draft.reply_to is not None:  # no stamp is found on it while its pages are taken over
        await locked(tx, actor, draft.reply_to)
    await must_be_draftable(tx, actor, draft)
    rules.must_not_be_secret("", "", (), content.stamp)
    known = await tx.session.get(Document, document_id)
    if known is not None:
        quarantine.must_be_there(known)
        return known
    document = await _written(tx, actor, document_id, draft)
    tx.session.add(document)
    if content.code is not None:
        code = CheckingCode(code=content.code, document_id=document_id, agency_id=actor.agency_id)
        await flushed(tx, document)
        tx.session.add(code)
    await add_revision(tx, document, purpose=Purpose.DRAFTED, content=content)
    tx.audit(actor, "documents.draft", document_id, sha256=content.sha256)
    reply_to = draft.reply_to
    tx.emit(DocumentDrafted(document_id=document_id, by=actor.id, reply_to=reply_to))
    return await flushed(tx, document)


async def _written(tx: Tx, actor: Actor, document_id: UUID, draft: Draft) -> Document:
    agency = await people.agency(tx, actor.agency_id)
    signatory = await _signatory(tx, actor, draft)
    return Document(
        id=document_id,
        agency_id=actor.agency_id,
        direction=Direction.INTERNAL if draft.internal else Direction.OUTGOING,
        type_code=draft.type_code,
        title=draft.title,
        symbol=await symbol_for(tx, actor.agency_id, actor.id, draft.type_code),
        issuer=agency.name,
        urgency=draft.urgency,
        state=State.DRAFT,
        recipients=list(draft.recipients),
        reply_to=draft.reply_to,
        drafted_by=actor.id,
        signer_id=draft.signer_id,
        signer=signatory.official.full_name,
        on_behalf_of=signatory.principal_id,
        cosigners=[str(each) for each in draft.cosigner_ids],
        created_at=tx.now,
    )


async def sheet(view: ReadTx, actor: Actor, draft: Draft) -> DecisionPage:
    """Return what stands on the paper of a draft."""
    agency = await people.agency(view, actor.agency_id)
    signatory = await _signatory(view, actor, draft)
    kind = type_of(draft.type_code)
    beside = await _cosigners(view, actor, draft)
    return {
        "agency": agency.name,
        "kind": kind.vi if kind.letters else "",
        "summary": draft.title,
        "recipients": list(draft.recipients),
        "capacity": list(signatory.capacity),
        "signer": signatory.official.full_name,
        "cosigners": [{"capacity": [one.position], "name": one.full_name} for one in beside],
        "urgency": STAMPS[draft.urgency],
        "symbol": await symbol_for(view, actor.agency_id, actor.id, draft.type_code),
        "authority": f"{signatory.head} {agency.name}" if kind.decides else "",
        "articles": list(draft.articles),
    }


async def symbol_for(view: ReadTx, agency_id: UUID, drafter_id: UUID, type_code: str) -> str:
    """Return the symbol that a draft of an official gets."""
    agency = await people.agency(view, agency_id)
    drafter = await view.session.get_one(Official, drafter_id)
    unit = await view.session.get_one(Unit, drafter.unit_id)
    return numbering.symbol_of(type_of(type_code), agency=agency.abbreviation, unit=unit.name)
