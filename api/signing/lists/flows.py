"""Signing a list across the network: one prompt to the SIM, then the remote key signs each."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api.signing.flows import Tools, picture_of, prepare, screened
from api.signing.lists import queries, service
from api.signing.lists.models import SigningList
from api.signing.models import SignatureRequest
from api.signing.mssp.port import OperatorUnreachable, Signed, UnknownPhone
from api.signing.pdf import sandboxed
from api.signing.pdf.errors import WrongCertificate, WrongRawSignature
from api.signing.pdf.prepared import Prepared
from api.signing.pdf.raw import check_digest, check_raw
from api.signing.prompting import BUSY, Ended, Outcome, Prompt, ask, send, wait_or_end
from api.signing.remote.port import Authorisation, NoRemoteKey, NotAuthorised, RemoteUnreachable
from api.signing.rules import FINAL, Move, State, is_too_late
from core.worker import RunAgain

#: So many papers are prepared at once; more would only wait for the sandbox.
_AT_ONCE = 4


async def collect(tools: Tools, payload: dict[str, Any]) -> None:
    """Take a consented list as far as it goes now; raises `RunAgain` while it waits."""
    list_id = UUID(payload["list_id"])
    while await step(tools, list_id):
        pass


async def step(tools: Tools, list_id: UUID) -> bool:
    """Take a list one step on; False where it has ended."""
    async with tools.db.read() as view:
        made = await view.session.get_one(SigningList, list_id)
    if made.state in FINAL:
        return False
    await _STEPS[made.state](tools, made)
    return True


async def _prepare(tools: Tools, made: SigningList) -> None:
    """Make every file with its empty signature; what a crash left undone is done next time."""
    try:
        sim = await tools.mssp.certificate(made.phone_number)
        remote = await tools.remote.certificate(made.phone_number)
        await screened(tools, made.id, made.signer_id, made.phone_number, sim, remote)
        await _prepare_all(tools, made, sandboxed.signer_as_json(remote))
        async with tools.db.begin() as tx:
            await service.note_prepared(
                tx, made.id, sandboxed.signer_as_json(sim),
                pinned=not tools.screen.is_nobodys(made.phone_number),
            )  # fmt: skip
    except (UnknownPhone, NoRemoteKey, WrongCertificate) as refusal:
        await _follow(tools, made, Ended(Move.FAIL, refusal.code))
    except (OperatorUnreachable, RemoteUnreachable) as away:
        late = is_too_late(made.consented_at or made.created_at, tools.db.clock())
        await _follow(tools, made, wait_or_end(away, late=late))


async def _prepare_all(tools: Tools, made: SigningList, signer: dict[str, Any]) -> None:
    image = await picture_of(tools, made.signer_id)
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(request: SignatureRequest) -> None:
        async with room:
            await prepare(tools, request, signer, image)

    async with tools.db.read() as view:
        members = await queries.members(view, made.id)
    waiting = [request for request in members if request.state is State.CONSENTED]
    for outcome in await asyncio.gather(*map(one, waiting), return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _dispatch(tools: Tools, made: SigningList) -> None:
    """Note the prompt before it is sent; who notes it is the one who sends it."""
    async with tools.db.begin() as tx:
        noted = await service.note_dispatched(tx, made.id)
    if noted is None:
        raise RunAgain(BUSY)
    if noted.state is State.DISPATCHED:
        await _follow(tools, noted, await send(tools.mssp, _prompt(noted)))


async def _ask_operator(tools: Tools, made: SigningList) -> None:
    await _follow(tools, made, await ask(tools.mssp, _prompt(made), tools.db.clock()))


async def _follow(tools: Tools, made: SigningList, outcome: Outcome) -> None:
    match outcome:
        case Signed(raw):
            await _keep(tools, made, raw)
        case Ended(move, reason, code):
            async with tools.db.begin() as tx:
                await service.note_failed(tx, made.id, move, reason, code)
        case None:
            """The next step asks how far it is."""


async def _keep(tools: Tools, made: SigningList, raw: bytes) -> None:
    authorisation = _authorisation(made, raw)
    try:
        check_digest(authorisation.sim, raw, authorisation.digest)
    except WrongRawSignature as wrong:
        await _follow(tools, made, Ended(Move.REJECT, wrong.code))
        return
    async with tools.db.begin() as tx:
        await service.note_signed(tx, made.id, raw)


async def _release(tools: Tools, made: SigningList) -> None:
    """Have the remote key sign what the SIM authorised, and check each before it is kept."""
    authorisation = _authorisation(made, made.raw_signature or b"")
    async with tools.db.read() as view:
        members = await queries.members(view, made.id)
    waiting = [one for one in members if one.state is State.PREPARED]
    try:
        kept = await _signed(tools, authorisation, waiting)
    except RemoteUnreachable as away:
        raise RunAgain(BUSY) from away
    except (NotAuthorised, NoRemoteKey, WrongRawSignature) as refusal:
        await _follow(tools, made, Ended(Move.SUPERSEDE, refusal.code))
        return
    async with tools.db.begin() as tx:
        await service.note_released(tx, made.id, kept)


async def _signed(
    tools: Tools, authorisation: Authorisation, waiting: Sequence[SignatureRequest]
) -> dict[UUID, bytes]:
    """Return the raw signatures by request, if each fits its paper; nothing else is signed."""
    prepared = {one.id: Prepared.from_json(one.prepared or {}) for one in waiting}
    if not prepared:
        return {}
    wanted = [prepared[one.id].to_sign for one in waiting]
    raws = await tools.remote.sign(authorisation, wanted)
    kept = {}
    for request, raw in zip(waiting, raws, strict=True):
        signer = sandboxed.signer_from_json(request.signer or {})
        check_raw(prepared[request.id], signer, raw)
        kept[request.id] = raw
    return kept


def _authorisation(made: SigningList, raw: bytes) -> Authorisation:
    sim = sandboxed.signer_from_json(made.sim or {})
    return Authorisation(made.id, made.phone_number, (made.manifest or "").encode(), sim, raw)


def _prompt(made: SigningList) -> Prompt:
    authorisation = _authorisation(made, b"")
    if made.transaction_id is None or made.dispatched_at is None:
        raise RuntimeError
    return Prompt(
        made.transaction_id, made.phone_number, authorisation.digest,
        authorisation.sim.mechanism, made.display_text or "", made.dispatched_at,
    )  # fmt: skip


#: What is done next, by where a list stands.
_STEPS = {
    State.CONSENTED: _prepare,
    State.PREPARED: _dispatch,
    State.DISPATCHED: _ask_operator,
    State.SIGNED: _release,
}
