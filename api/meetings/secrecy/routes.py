"""Secret votes over HTTP: the key ceremony and the credentials by name, the ballots by nobody."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep
from api.meetings.deps import ASKED
from api.meetings.errors import NotYourPart, WrongState
from api.meetings.secrecy import flows, service, showing
from api.meetings.secrecy.errors import (
    CredentialUsed,
    NoSuchCredential,
    NotABallot,
    NotAccepted,
    NoTeller,
    NotEntrusted,
    WrongStep,
)
from api.meetings.secrecy.flows import Tools
from api.meetings.secrecy.rules import Step
from api.meetings.secrecy.schemas import (
    CastSealed,
    CeremonyOut,
    Decrypt,
    Enrol,
    Say,
    SealedReceipt,
)
from api.meetings.votes import showing as votes
from api.meetings.votes.errors import NoMandate, NotThisKind, WrongVoteState
from api.meetings.votes.schemas import VoteOut
from api.problems import problems
from core.errors import Malformed, NotFound

router = APIRouter(
    prefix="/meetings/{meeting_id}/votes/{vote_id}", tags=["meetings"], route_class=Once
)
#: Nobody is asked who they are: a request that named its sender would name the voter.
boxes = APIRouter(prefix="/ballot-boxes/{uuid}", tags=["ballot boxes"])

_TRUSTED = problems(NotEntrusted, WrongVoteState, *ASKED)
_TOLD = problems(NotEntrusted, WrongStep, WrongVoteState, NotAccepted, NoTeller, *ASKED)
Uuid = Annotated[str, Path(pattern=r"^[1-9A-HJ-NP-Za-km-z]{14}$")]


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.secret_votes
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]


@router.post(
    "/prepare",
    responses=problems(NotYourPart, WrongState, WrongVoteState, NotThisKind, *ASKED),
)
async def prepare_vote(meeting_id: UUID, vote_id: UUID, actor: ActorDep, tx: WriteTxDep) -> VoteOut:
    """Freeze who may vote in secret (chair or secretary): so many credentials are made now."""
    vote = await service.prepare(tx, actor, meeting_id, vote_id)
    await tx.session.flush()
    return await votes.one(tx, vote, actor.id)


@router.get("/ceremony", responses=_TRUSTED)
async def read_ceremony(
    meeting_id: UUID, vote_id: UUID, actor: ActorDep, view: ReadTxDep
) -> CeremonyOut:
    """See what I need for my next step as a trustee."""
    ceremony = await service.seen(view, actor, (meeting_id, vote_id))
    return showing.trusted(ceremony, actor.id)


@router.put("/ceremony/{step}", responses=_TOLD)
async def take_ceremony_step(
    meeting_id: UUID, vote_id: UUID, step: Step, body: Say, actor: ActorDep, tools: ToolsDep
) -> CeremonyOut:
    """Say what belenios-tool wrote for me as a trustee; the same again changes nothing."""
    ceremony = await flows.say(tools, actor, (meeting_id, vote_id), step, body.said)
    return showing.trusted(ceremony, actor.id)


@router.put(
    "/credentials",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotEntrusted, NotABallot, WrongVoteState, NotAccepted, NoTeller, *ASKED),
)
async def list_credentials(
    meeting_id: UUID, vote_id: UUID, body: Enrol, actor: ActorDep, tools: ToolsDep
) -> None:
    """List the public part of each credential (registrar): one for each mandate."""
    await flows.enrol(tools, actor, (meeting_id, vote_id), body.credentials)


@router.put(
    "/handouts/{official_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotEntrusted, WrongVoteState, NoMandate, *ASKED),
)
async def note_handout(
    meeting_id: UUID, vote_id: UUID, official_id: UUID, actor: ActorDep, tx: WriteTxDep
) -> None:
    """Note that somebody got a credential (registrar); which one, nobody writes down."""
    await service.hand_out(tx, actor, (meeting_id, vote_id), official_id)


@router.put("/decryption", status_code=HTTPStatus.NO_CONTENT, responses=_TOLD)
async def decrypt_vote(
    meeting_id: UUID, vote_id: UUID, body: Decrypt, actor: ActorDep, tools: ToolsDep
) -> None:
    """Give what I decrypted of the sum (trustee); when enough have, the vote is counted."""
    await flows.decrypt(tools, actor, (meeting_id, vote_id), body.factors)


@boxes.get(
    "/archive",
    response_class=Response,
    responses=problems(NotFound, Malformed)
    | {HTTPStatus.OK: {"content": {"application/x-tar": {}}}},
)
async def read_archive(uuid: Uuid, tools: ToolsDep) -> Response:
    """Fetch the public record of a secret vote, which `belenios-tool` verifies.

    While the vote is open it holds what a ballot is made with; once closed and summed up all
    ballots, in no order of time; once published what the trustees opened, and the result.
    """
    content = await flows.read_archive(tools, uuid)
    named = {"Content-Disposition": f'attachment; filename="{uuid}.bel"'}
    return Response(content, media_type="application/x-tar", headers=named)


@boxes.post(
    "/ballots",
    responses=problems(
        NotABallot, NoSuchCredential, CredentialUsed, WrongVoteState, NotFound, Malformed
    ),
)
async def cast_secret_ballot(uuid: Uuid, body: CastSealed, tools: ToolsDep) -> SealedReceipt:
    """Cast an encrypted ballot without saying who I am; the same again gets the same receipt.

    It is durable before the answer. Send it at a moment of chance, and without a token.
    """
    return SealedReceipt(tracker=await flows.cast(tools, uuid, body.ballot))
