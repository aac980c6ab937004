"""Lists over HTTP: many documents, one PIN."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.documents import errors as documents
from api.people.errors import DeviceNeeded, LockedOut
from api.people.factors.deps import StepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.problems import answer_with, problems
from api.signing.errors import NotTheSigner, NotYourTurn, PaperWithdrawn, WrongState
from api.signing.lists import queries, service
from api.signing.lists.errors import NotAllSeen, WrongList
from api.signing.lists.models import SigningList
from api.signing.lists.schemas import Gather, SigningListOut
from core.db import ReadTx
from core.errors import Malformed, NotFound
from core.nonces import UseNonce
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/signing-lists", tags=["signing"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed, NotFound)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(WrongState, NotTheSigner, WrongList, PaperWithdrawn, *_ASKED),
)
async def gather_list(body: Gather, actor: ActorDep, tx: WriteTxDep) -> SigningListOut:
    """Put requests that wait for my signature together; each can still be decided alone."""
    return await _shown(tx, await service.gather(tx, actor, body.request_ids))


@router.get("/{list_id}", responses=problems(*_ASKED))
async def read_list(list_id: UUID, actor: ActorDep, view: ReadTxDep) -> SigningListOut:
    """Say how far a list of mine is."""
    return await _shown(view, await queries.signing_list(view, actor, list_id))


@router.post(
    "/{list_id}/sign",
    status_code=HTTPStatus.ACCEPTED,
    responses=answer_with(HTTPStatus.ACCEPTED, UseNonce.described)
    | problems(
        WrongState, NotTheSigner, NotYourTurn, NotAllSeen, DeviceNeeded, documents.WrongState,
        documents.NotASignatory, PaperWithdrawn, UseNonce, StepUpNeeded, WrongFactor, LockedOut,
        *_ASKED,
    ),
)  # fmt: skip
async def sign_list(
    list_id: UUID, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> SigningListOut:
    """Say yes to a whole list, each page of which I was shown; my SIM asks for one PIN next.

    The proof's `challenge` is base64url(SHA-256("list" || list id || `sha256` || nonce)), with the
    id as 16 bytes and `sha256` as 32. What the SIM signs releases my remote key for just the
    papers of the list.
    """
    return await _shown(tx, await service.consent(tx, actor, list_id, step_up=step_up))


async def _shown(view: ReadTx, made: SigningList) -> SigningListOut:
    return SigningListOut.of(made, await queries.kept_items(view, made))
