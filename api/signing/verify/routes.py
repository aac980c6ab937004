"""Verification over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, UploadFile

from api.deps import ActorDep
from api.documents.uploads import PublicUpload, Upload
from api.problems import problems
from api.signing.verify import flows
from api.signing.verify.errors import NotAPdf
from api.signing.verify.flows import Bench
from api.signing.verify.schemas import ReportOut
from core.errors import Malformed, TooLarge
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(tags=["verification"], route_class=Upload)
public = APIRouter(tags=["verification"], route_class=PublicUpload)


async def _bench(request: Request) -> Bench:
    bench: Bench = request.app.state.engines.verification
    return bench


BenchDep = Annotated[Bench, Depends(_bench)]


@router.post(
    "/signatures/verifications",
    responses=problems(NotAPdf, TooLarge, Malformed, BadToken, BadProof, DeviceRevoked),
)
async def verify_signatures(file: UploadFile, _actor: ActorDep, bench: BenchDep) -> ReportOut:
    """Verify any PDF from anyone: every signature, every later change and where it is.

    The file is kept nowhere. A document in our form must be complete: person, number and agency.
    """
    return ReportOut.of(await flows.verify_upload(bench, file))


@public.post("/verify", responses=problems(NotAPdf, TooLarge, Malformed))
async def verify_file(file: UploadFile, bench: BenchDep) -> ReportOut:
    """Verify the signatures of any PDF; needs no account, keeps nothing."""
    return ReportOut.of(await flows.verify_upload(bench, file))
