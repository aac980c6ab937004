"""Use-cases of lists: each function is one transaction's worth of work."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from api.people.factors.rules import Deed
from api.people.factors.step_up import StepUp, must_step_up
from api.people.service import must_have_device
from api.signing import service as signing
from api.signing.errors import SeveralSign, WrongState
from api.signing.lists import queries
from api.signing.lists.models import SigningList
from api.signing.lists.rules import (
    manifest_of,
    must_all_be_seen,
    must_be_a_list,
    sim_text,
    subject_of,
)
from api.signing.models import SignatureRequest
from api.signing.pins import service as pins
from api.signing.pins.rules import Keeper
from api.signing.progress import advance, free_phone, locked, take_phone
from api.signing.queries import Card, card
from api.signing.records import pages_shown
from api.signing.rules import FINAL, Move, Part, State, after, must_be_signer, verification_code
from api.signing.steps import WITHDRAWN, end, keep_released, still_waits
from core.actor import Actor
from core.db import Tx
from core.ids import new_id

JOB = "signing.collect_list"


async def gather(tx: Tx, actor: Actor, request_ids: Sequence[UUID]) -> SigningList:
    """Put what waits for the actor's signature together; each can still be decided alone."""
    must_be_a_list(request_ids)
    cards = [await card(tx, actor, request_id) for request_id in request_ids]
    for one in cards:
        must_be_signer(one.request.signer_id, actor.id)
        if one.request.role is not Part.SIGN or one.request.state is not State.REQUESTED:
            raise WrongState(state=one.request.state, move="gather")
        if one.document.cosigners:  # two lists could wait for each other's papers
            raise SeveralSign(request=str(one.request.id))
    made = SigningList(
        agency_id=actor.agency_id,
        signer_id=actor.id,
        phone_number=cards[0].request.phone_number,
        items=[_item(one) for one in cards],
        created_at=tx.now,
    )
    tx.session.add(made)
    await tx.session.flush()
    return made


def _item(shown: Card) -> dict[str, Any]:
    return {
        "request_id": str(shown.request.id),
        "document_id": str(shown.document.id),
        "type_code": shown.document.type_code,
        "title": shown.document.title,
        "pages": shown.revision.pages,
        "sha256": shown.revision.sha256,
    }


async def consent(tx: Tx, actor: Actor, list_id: UUID, *, step_up: StepUp) -> SigningList:
    """Let the signer say yes to the whole list, every page of which was shown to them."""
    must_have_device(actor)
    made = await _locked(tx, (await queries.signing_list(tx, actor, list_id)).id)
    _advance(tx, made, Move.CONSENT)
    requests = [
        await signing.may_say_yes(tx, actor, UUID(item["request_id"]), Part.SIGN)
        for item in made.items
    ]
    await _must_be_seen(tx, made, requests)
    subject = subject_of(made.id, made.items)
    shown = (await must_step_up(tx, actor, step_up, Deed.SIGN, subject)).as_json()
    named = {"id": str(made.id), "items": made.items}
    for request in requests:
        await advance(tx, request, Move.CONSENT, shown=shown, list=named)
        signing.note_consent(tx, actor, request, shown)
        request.list_id = made.id
    made.consented_at = tx.now
    tx.enqueue(JOB, str(made.id), {"list_id": str(made.id)})
    tx.audit(actor, "signing.consent_list", made.id, count=len(requests))
    return made


async def _must_be_seen(tx: Tx, made: SigningList, requests: Sequence[SignatureRequest]) -> None:
    must_all_be_seen(
        [
            (request.id, page)
            for request, item in zip(requests, made.items, strict=True)
            for page in sorted(set(range(item["pages"])) - await pages_shown(tx, request))
        ]
    )


# --- the steps of a collection --------------------------------------------------------------


async def note_prepared(tx: Tx, list_id: UUID, sim: dict[str, Any], *, pinned: bool) -> None:
    """Keep what the SIM is to sign: the digest of each paper that is prepared.

    Raises:
        CertificateChanged: it is another certificate than the signer used before; nobody keeps to
            one who is not `pinned`.
    """
    made = await _locked(tx, list_id)
    signer = Actor(made.signer_id, made.agency_id)
    if pinned:
        await pins.hold(tx, signer, Keeper.SIM, made.phone_number, b64decode(sim["der"]))
    if await _compose(tx, made):
        _advance(tx, made, Move.PREPARE)
        made.sim = sim


async def _compose(tx: Tx, made: SigningList) -> bool:
    """Write what the SIM signs and shows: only what still waits; False ends an empty list."""
    prepared = await _that_wait(tx, made.id)
    if not prepared:  # every paper went back, or away, meanwhile
        await _end_empty(tx, made)
        return False
    titles = {item["request_id"]: item["title"] for item in made.items}
    items = [
        {
            "request_id": str(one.id),
            "title": titles[str(one.id)],
            "to_sign": (one.prepared or {})["to_sign"],
        }
        for one in prepared
    ]
    made.manifest = manifest_of(made.id, items)
    made.verification_code = verification_code(hashlib.sha256(made.manifest.encode()).digest())
    made.display_text = sim_text(len(items), items[0]["title"], made.verification_code)
    return True


async def _end_empty(tx: Tx, made: SigningList) -> None:
    if len(await queries.kept_items(tx, made)) < len(made.items):
        made.reason = WITHDRAWN
    _advance(tx, made, Move.SUPERSEDE)


async def _that_wait(tx: Tx, list_id: UUID) -> list[SignatureRequest]:
    """Return what is prepared and still waits; what went back or away meanwhile is ended."""
    prepared = [one for one in await members(tx, list_id) if one.state is State.PREPARED]
    return [one for one in prepared if await still_waits(tx, one)]


async def note_dispatched(tx: Tx, list_id: UUID) -> SigningList | None:
    """Note the intent to prompt, with a fresh transaction; None while the phone is busy.

    What went back or away since it was prepared is left out; where nothing is left the list ends.
    """
    made, transaction_id = await _locked(tx, list_id), new_id()
    if not await _compose(tx, made):
        return made
    if not await take_phone(tx, made, transaction_id):
        return None
    _advance(tx, made, Move.DISPATCH)
    made.transaction_id, made.dispatched_at = transaction_id, tx.now
    return made


async def note_signed(tx: Tx, list_id: UUID, raw: bytes) -> None:
    """Keep the SIM's signature before the remote key is asked for anything."""
    made = await _locked(tx, list_id)
    _advance(tx, made, Move.KEEP)
    await free_phone(tx, made.phone_number)
    made.raw_signature = raw


async def note_released(tx: Tx, list_id: UUID, raws: dict[UUID, bytes]) -> None:
    """Keep every raw signature at once; from here each paper goes its own way."""
    made = await _locked(tx, list_id)
    waiting = [one for one in await _that_wait(tx, list_id) if one.id in raws]
    if not waiting:
        await _end_empty(tx, made)
        return
    _advance(tx, made, Move.EMBED)
    proof = _proof_of(made)
    for one in waiting:
        await keep_released(tx, one, raws[one.id], proof)
        tx.enqueue(signing.COLLECT, str(one.id), {"request_id": str(one.id)})


def _proof_of(made: SigningList) -> dict[str, Any]:
    """Return what shows that the signer's SIM released the remote key for just this list."""
    sim = made.sim or {}
    return {
        "list": str(made.id),
        "manifest": made.manifest,
        "display_text": made.display_text,
        "sim_signature": b64encode(made.raw_signature or b"").decode(),
        "sim_certificate": sim["der"],
        "sim_mechanism": sim["mechanism"],
    }


async def note_failed(tx: Tx, list_id: UUID, move: Move, reason: str, code: int | None) -> None:
    """End the list and everything in it that waits, for the same reason; each may be tried anew."""
    made = await _locked(tx, list_id)
    if made.state is State.DISPATCHED:
        await free_phone(tx, made.phone_number)
    _advance(tx, made, move)
    made.reason = reason
    each = Move.FAIL if move is Move.SUPERSEDE else move  # nothing went back
    for one in await members(tx, list_id):
        if one.state not in FINAL:
            await end(tx, one, each, reason, code=code, list=str(list_id))


async def members(tx: Tx, list_id: UUID) -> list[SignatureRequest]:
    """Return the requests of a list that was said yes to, in the order of their ids."""
    inside = select(SignatureRequest.id).where(SignatureRequest.list_id == list_id)
    found = await tx.session.exec(inside.order_by(col(SignatureRequest.id)))
    return [await locked(tx, request_id) for request_id in found.all()]


def _advance(tx: Tx, made: SigningList, move: Move) -> None:
    """Move a list on, or refuse; the only place that changes a list's state."""
    made.state = after(made.state, move)
    if made.state in FINAL:
        made.ended_at = tx.now
    tx.session.add(made)


async def _locked(tx: Tx, list_id: UUID) -> SigningList:
    await tx.session.flush()  # or what is not written yet would be read over
    return await tx.session.get_one(
        SigningList, list_id, with_for_update=True, populate_existing=True
    )
