"""What is proposed to a clerk, over HTTP."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, UploadFile

from api.deps import ActorDep
from api.documents.errors import Secret
from api.documents.fields import Proposal
from api.documents.pages.errors import (
    EncryptedPdf,
    NotPdf,
    NotWord,
    PdfTooComplex,
    WordTooComplex,
)
from api.documents.reading import flows
from api.documents.reading.flows import Tools
from api.documents.schemas import BoxOut, ProposalOut, ProposedOut
from api.documents.uploads import Upload
from api.problems import problems
from core.errors import Forbidden, Malformed, TooLarge
from core.sandbox import SandboxKilled
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/documents", tags=["documents"], route_class=Upload)


async def _tools(request: Request) -> Tools:
    engines = request.app.state.engines
    return Tools(engines.db, engines.blobs, engines.sandbox, engines.desk, engines.ocr)


@router.post(
    "/proposals",
    status_code=HTTPStatus.OK,
    responses=problems(
        *(Malformed, TooLarge, NotPdf, EncryptedPdf, PdfTooComplex, SandboxKilled, Secret),
        *(NotWord, WordTooComplex, Forbidden, BadToken, BadProof, DeviceRevoked),
    ),
)
async def propose_fields(
    file: UploadFile, actor: ActorDep, tools: Annotated[Tools, Depends(_tools)]
) -> ProposedOut:
    """See (clerk) what a file's layout says of it, before it is registered; nothing is kept."""
    found = await flows.propose(tools, actor, file)
    told = [_told(one) for one in found.fields]
    return ProposedOut(pages=found.pages, unread=found.unread, title=found.title, fields=told)


def _told(one: Proposal) -> ProposalOut:
    box = BoxOut(**one.box._asdict()) if any(one.box) else None
    return ProposalOut(**{**asdict(one), "box": box})
