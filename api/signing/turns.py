"""Whose turn it is to decide about a paper, and which signatures it still lacks."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import col, select

from api.documents import queries as documents
from api.signing.events import SignatureTurnCame
from api.signing.models import SignatureRequest
from api.signing.progress import told
from api.signing.records import record, records
from api.signing.rules import FINAL, Asked, Part, State, missing, open_turns
from core.db import ReadTx, Tx

#: The record of a signature that stands in a file which went back to its drafter.
DISCARDED = "discarded"


async def of_papers(
    view: ReadTx, revision_ids: Iterable[UUID]
) -> dict[UUID, list[SignatureRequest]]:
    """Return everything that was asked for some papers, the oldest first."""
    found: dict[UUID, list[SignatureRequest]] = {each: [] for each in revision_ids}
    statement = (
        select(SignatureRequest)
        .where(col(SignatureRequest.revision_id).in_(found.keys()))
        .order_by(col(SignatureRequest.created_at), col(SignatureRequest.id))
    )
    for request in (await view.session.exec(statement)).all():
        found[request.revision_id].append(request)
    return found


async def of_paper(view: ReadTx, request: SignatureRequest) -> list[SignatureRequest]:
    """Return everything that was asked for the paper of a request, the oldest first."""
    return (await of_papers(view, [request.revision_id]))[request.revision_id]


def asked(requests: Sequence[SignatureRequest]) -> list[Asked]:
    """Return requests as the rules see them."""
    return [Asked(one.role, one.turn, one.state, one.place) for one in requests]


async def turns_of_others(view: ReadTx, request: SignatureRequest) -> list[int]:
    """Return the turns that have not ended, beside a request's own."""
    others = [one for one in await of_paper(view, request) if not _is_same(one, request)]
    return open_turns(asked(others))


async def lacks_signatures(view: ReadTx, request: SignatureRequest) -> bool:
    """Tell whether others still have to sign the paper of a request."""
    return bool(missing(asked(await of_paper(view, request))))


async def newest_attempt(view: ReadTx, request: SignatureRequest) -> SignatureRequest:
    """Return the newest request for a place on the paper, or for somebody's initials."""
    return [one for one in await of_paper(view, request) if _is_same(one, request)][-1]


async def signed_in_vain(tx: Tx, document_id: UUID) -> list[SignatureRequest]:
    """Return those whose signature stands in a file that went back, and who were not told yet."""
    paper = await documents.drafted_revision(tx, document_id)
    statement = select(SignatureRequest).where(
        SignatureRequest.document_id == document_id,
        SignatureRequest.state == State.EMBEDDED,
        SignatureRequest.revision_id != paper.id,
    )
    found = (await tx.session.exec(statement)).all()
    kinds = {one.id: [each.kind for each in await records(tx, one)] for one in found}
    return [one for one in found if DISCARDED not in kinds[one.id]]


async def call_next(tx: Tx, done: SignatureRequest) -> None:
    """Ring for those whose turn has come."""
    others = await of_paper(tx, done)
    turn = min(open_turns(asked(others)), default=0)
    for request in others:
        if request.state not in FINAL and request.turn == turn and turn > done.turn:
            record(tx, request, "turn_came")
            tx.emit(told(SignatureTurnCame, request))


def _is_same(one: SignatureRequest, other: SignatureRequest) -> bool:
    """Tell whether two requests ask for the same: an older attempt, or the very one.

    A place on the paper stays the same place when somebody else is asked for it.
    """
    at_one_place = one.place == other.place
    same = at_one_place if one.role is Part.SIGN else one.signer_id == other.signer_id
    return one.role is other.role and same
