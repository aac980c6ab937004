"""Use-cases of signing: what people do; each function is one transaction's worth of work."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.competence import must_still_be_competent
from api.documents.errors import NotTheDrafter
from api.documents.models import Document, Revision
from api.documents.rules import State as DocumentState
from api.documents.rules import must_be_in
from api.people import queries as people
from api.people.factors.rules import Deed
from api.people.factors.step_up import StepUp, must_step_up
from api.people.models import Official
from api.people.service import must_have_device
from api.signing import queries
from api.signing.asking import Place, Wanted
from api.signing.beside import queries as beside
from api.signing.errors import NoPhoneNumber, WrongState
from api.signing.events import (
    SignatureConsented,
    SignatureDeclined,
    SignatureInitialled,
    SignatureLapsed,
    SignatureReminded,
    SignatureRequested,
    SignatureSuperseded,
)
from api.signing.models import SignatureRequest
from api.signing.progress import advance, live, locked, told
from api.signing.records import Shown, record, record_shown
from api.signing.rules import (
    FINAL,
    MOVES,
    TIME_TO_DECIDE,
    Move,
    Part,
    State,
    must_be_asked_for,
    must_be_signer,
    must_be_their_turn,
    must_have_ended_badly,
    must_initial_once,
    must_leave_time,
    signing_turns,
    subject_of,
    times_to_remind,
    turns,
)
from api.signing.steps import ended_withdrawn
from api.signing.turns import (
    DISCARDED,
    call_next,
    newest_attempt,
    signed_in_vain,
    turns_of_others,
)
from core import jobs
from core.actor import Actor
from core.db import Tx
from core.streams import Fact

COLLECT = "signing.collect"
REMIND = "signing.remind"
LAPSE = "signing.lapse"


async def submit(tx: Tx, actor: Actor, document_id: UUID, wanted: Wanted) -> SignatureRequest:
    """Put a draft before those who initial it and who sign it, and ring the first ones' phones.

    Returns:
        The request of the signer, whose name stands last on the paper.
    """
    document = await document_service.submit(
        tx, actor, document_id, signer_id=wanted.signer_id, version=wanted.version
    )
    initials, cosigners = wanted.initials, document_service.cosigners_of(document)
    must_initial_once(initials, [wanted.signer_id, *cosigners])
    deadline = wanted.deadline or tx.now + TIME_TO_DECIDE
    must_leave_time(deadline, tx.now)
    await document_service.let_read(tx, document_id, initials, "initials")
    await document_service.let_read(tx, document_id, cosigners, "signs")
    order = turns(len(initials), wanted.order)
    for official_id, turn in zip(initials, order, strict=True):
        await _ask(tx, actor, document, Place(official_id, Part.INITIAL, turn, deadline))
    after = max(order, default=0)
    *beside, last = signing_turns(len(cosigners), wanted.sign_order, after=after)
    for place, (official_id, turn) in enumerate(zip(cosigners, beside, strict=True), start=1):
        await _ask(tx, actor, document, Place(official_id, Part.SIGN, turn, deadline, place))
    return await _ask(tx, actor, document, Place(wanted.signer_id, Part.SIGN, last, deadline))


async def note_shown(tx: Tx, actor: Actor, request_id: UUID, shown: Shown) -> None:
    """Keep what is shown to the one who is asked, while they have not decided."""
    request = await locked(tx, (await queries.request(tx, actor, request_id)).id)
    if request.signer_id == actor.id and request.state is State.REQUESTED:
        await record_shown(tx, request, actor.device_id, shown)


async def initial(tx: Tx, actor: Actor, request_id: UUID, *, step_up: StepUp) -> SignatureRequest:
    """Let somebody approve with their initials, from their own device, with the same proof."""
    request = await may_say_yes(tx, actor, request_id, Part.INITIAL)
    shown = await _show(tx, actor, request, step_up)
    await advance(tx, request, Move.INITIAL, shown=shown)
    request.consented_from, request.consented_at = actor.device_id, tx.now
    request.consent_evidence = shown
    tx.audit(actor, "signing.initial", request.document_id, request=str(request.id))
    tx.emit(told(SignatureInitialled, request))
    await call_next(tx, request)
    return request


async def consent(tx: Tx, actor: Actor, request_id: UUID, *, step_up: StepUp) -> SignatureRequest:
    """Let the signer say yes to just this paper, from their own device; the SIM is asked next."""
    request = await may_say_yes(tx, actor, request_id, Part.SIGN)
    shown = await _show(tx, actor, request, step_up)
    await advance(tx, request, Move.CONSENT, shown=shown)
    note_consent(tx, actor, request, shown)
    tx.enqueue(COLLECT, str(request.id), {"request_id": str(request.id)})
    return request


def note_consent(tx: Tx, actor: Actor, request: SignatureRequest, shown: dict[str, Any]) -> None:
    """Note who said yes, from where and with what; alone or in a list."""
    request.consented_from, request.consented_at = actor.device_id, tx.now
    request.consent_evidence = shown
    tx.audit(
        actor, "signing.consent", request.document_id,
        request=str(request.id), shown=str(shown["factor"]),
    )  # fmt: skip
    tx.emit(told(SignatureConsented, request))


async def decline(tx: Tx, actor: Actor, request_id: UUID, *, reason: str) -> SignatureRequest:
    """Let whoever is asked refuse; the draft goes back to its drafter."""
    request = await _mine(tx, actor, request_id)
    await advance(tx, request, Move.DECLINE, reason=reason)
    request.reason = reason
    await document_service.give_back(tx, actor, request.document_id, reason=reason)
    tx.emit(told(SignatureDeclined, request))
    return request


async def try_anew(tx: Tx, actor: Actor, request_id: UUID) -> SignatureRequest:
    """Begin a new request in place of one that ended badly; who asked may, and who was asked."""
    old = await queries.request(tx, actor, request_id)
    if actor.id != old.asked_by:
        must_be_signer(old.signer_id, actor.id)
    must_have_ended_badly(old.state)
    document = await document_service.locked(tx, actor, old.document_id)
    must_be_in(document.state, DocumentState.SUBMITTED)
    newest, paper = await newest_attempt(tx, old), await documents.drafted_revision(tx, document.id)
    # It was tried anew, or somebody else is asked now, or it was asked about an earlier paper.
    if newest.id != old.id or old.revision_id != paper.id:
        raise WrongState(state=newest.state, move="try_anew")
    again = Place(old.signer_id, old.role, old.turn, tx.now + TIME_TO_DECIDE, old.place)
    return await _ask(tx, actor, document, again)


async def withdraw(tx: Tx, actor: Actor, document_id: UUID, *, reason: str) -> Document:
    """Let the drafter take back what its signer has not said yes to."""
    document = await document_service.locked(tx, actor, document_id)
    if document.drafted_by != actor.id:
        raise NotTheDrafter
    for request in await live(tx, document_id):
        if request.state is not State.REQUESTED:
            raise WrongState(state=request.state, move="withdraw")
    return await document_service.give_back(tx, actor, document_id, reason=reason)


# --- what time and other changes do ---------------------------------------------------------


async def supersede(tx: Tx, document_id: UUID, fact_id: UUID) -> None:
    """End what still waited for a document when it went back to its drafter."""
    returned = (await tx.session.exec(select(Fact.at).where(Fact.id == fact_id))).one()
    for request in await live(tx, document_id):
        asked_before = request.created_at <= returned
        if asked_before and (request.state, Move.SUPERSEDE) in MOVES:
            await advance(tx, request, Move.SUPERSEDE)
            tx.emit(told(SignatureSuperseded, request))
    for request in await signed_in_vain(tx, document_id):
        record(tx, request, DISCARDED)
        tx.emit(told(SignatureSuperseded, request))


async def end_withdrawn(tx: Tx, document_id: UUID) -> None:
    """End what still waits for a paper that was taken from everybody, unless it was given back."""
    for request in await live(tx, document_id):
        held = await locked(tx, request.id)
        if held.state not in FINAL:
            await ended_withdrawn(tx, held)


async def remind(tx: Tx, request_id: UUID) -> None:
    """Ring once more for somebody who has not decided; not before it is their turn."""
    request = await locked(tx, request_id)
    before = [turn for turn in await turns_of_others(tx, request) if turn < request.turn]
    if request.state is State.REQUESTED and not before:
        record(tx, request, "remind")
        tx.emit(told(SignatureReminded, request))


async def lapse(tx: Tx, request_id: UUID) -> None:
    """End what nobody decided in time, and tell who asked."""
    request = await locked(tx, request_id)
    if request.state is State.REQUESTED:
        await advance(tx, request, Move.LAPSE)
        request.reason = "not_decided"
        tx.emit(told(SignatureLapsed, request, asked_by=request.asked_by))


async def wake(tx: Tx, transaction_id: UUID) -> None:
    """Have the operator asked now; a transaction that nobody waits for changes nothing."""
    prompted = select(SignatureRequest.id).where(
        SignatureRequest.transaction_id == transaction_id,
        SignatureRequest.state == State.DISPATCHED,
    )
    found = (await tx.session.exec(prompted)).first()
    if found is not None:
        await jobs.wake(tx.session, COLLECT, str(found), tx.now)


# --- what all of them stand on --------------------------------------------------------------


async def _ask(tx: Tx, actor: Actor, document: Document, place: Place) -> SignatureRequest:
    official = await people.official(tx, actor, place.official_id)
    signs = place.role is Part.SIGN
    if signs and not official.phone_number:
        raise NoPhoneNumber
    revision = await documents.drafted_revision(tx, document.id)
    request = SignatureRequest(
        agency_id=actor.agency_id,
        document_id=document.id,
        revision_id=revision.id,
        signer_id=place.official_id,
        role=place.role,
        turn=place.turn,
        place=place.on_paper,
        asked_by=actor.id,
        phone_number=(official.phone_number or "") if signs else "",
        created_at=tx.now,
        deadline=place.deadline,
    )
    tx.session.add(request)
    await tx.session.flush()  # its records name it
    attached = [one.source_sha256 for one in await beside.attachments(tx, document.id)]
    about = _asked(request, document, revision, official)
    record(tx, request, "ask", **about, attachments=attached)
    _set_alarms(tx, request)
    first = place.turn == 1
    tx.emit(told(SignatureRequested, request, by=actor.id, role=place.role, its_turn=first))
    return request


def _asked(
    request: SignatureRequest, document: Document, revision: Revision, official: Official
) -> dict[str, Any]:
    """Return what was asked for: the paper by its hash, and the person in words."""
    return {
        "document": str(document.id),
        "type": document.type_code,
        "title": document.title,
        "revision_sha256": revision.sha256,
        "pages": revision.pages,
        "role": request.role,
        "turn": request.turn,
        "place": request.place,
        "signer": str(official.id),
        "signer_name": official.full_name,
        "signer_position": official.position,
        "on_behalf_of": str(document.on_behalf_of) if document.on_behalf_of else None,
        "asked_by": str(request.asked_by),
        "deadline": request.deadline.isoformat(),
    }


def _set_alarms(tx: Tx, request: SignatureRequest) -> None:
    payload = {"request_id": str(request.id)}
    for day, moment in enumerate(times_to_remind(tx.now, request.deadline), 1):
        tx.enqueue(REMIND, f"{request.id}:{day}", payload, not_before=moment)
    tx.enqueue(LAPSE, str(request.id), payload, not_before=request.deadline)


async def may_say_yes(tx: Tx, actor: Actor, request_id: UUID, role: Part) -> SignatureRequest:
    """Return what the actor may say yes to now, or refuse."""
    must_have_device(actor)
    request = await _mine(tx, actor, request_id)
    must_be_asked_for(request.role, role)
    document = await documents.document(tx, actor, request.document_id)
    must_be_in(document.state, DocumentState.SUBMITTED)
    must_be_their_turn(request.turn, await turns_of_others(tx, request))
    if role is Part.SIGN and request.place == 0:
        await must_still_be_competent(tx, document)
    return request


async def _show(tx: Tx, actor: Actor, request: SignatureRequest, step_up: StepUp) -> dict[str, Any]:
    revision = await tx.session.get_one(Revision, request.revision_id)
    subject = subject_of(request.id, revision.sha256)
    return (await must_step_up(tx, actor, step_up, Deed.SIGN, subject)).as_json()


async def _mine(tx: Tx, actor: Actor, request_id: UUID) -> SignatureRequest:
    request = await queries.request(tx, actor, request_id)
    must_be_signer(request.signer_id, actor.id)
    return await locked(tx, request.id)
