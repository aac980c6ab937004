"""Verification over HTTP."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, UploadFile
from fastapi.responses import HTMLResponse

from api.deps import ActorDep, Once
from api.documents.uploads import PublicUpload, Upload
from api.problems import problems
from api.signing.verify import flows, page
from api.signing.verify.errors import NotAPdf, NothingIssued
from api.signing.verify.flows import Bench
from api.signing.verify.schemas import ComparisonOut, PublicVerdictOut, ReportOut
from core.errors import Malformed, TooLarge
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(tags=["verification"], route_class=Upload)
public = APIRouter(tags=["verification"], route_class=PublicUpload)
#: Anybody reads by a code; whoever holds a paper needs no account.
checking = APIRouter(tags=["verification"], route_class=Once)
#: What the QR codes on our papers lead to; it never moves.
PAGE = "/v/{code}"


async def _bench(request: Request) -> Bench:
    bench: Bench = request.app.state.engines.verification
    return bench


BenchDep = Annotated[Bench, Depends(_bench)]
CodeDep = Annotated[str, Path(max_length=64, description="as the QR code on the paper shows it")]


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


@checking.get("/verdicts/{code}", responses=problems(NothingIssued, Malformed))
async def check_document(code: CodeDep, bench: BenchDep) -> PublicVerdictOut:
    """Say what an issued document is worth, to anybody who holds its code.

    A code that is unknown and one whose document is not in force get the same answer.
    """
    return await flows.check(bench, code)


@public.post(
    "/verdicts/{code}/comparisons", responses=problems(NothingIssued, NotAPdf, TooLarge, Malformed)
)
async def compare_with_document(code: CodeDep, file: UploadFile, bench: BenchDep) -> ComparisonOut:
    """Say whether a file is the very document with this code; the file is kept nowhere."""
    return await flows.compare(bench, code, file)


@checking.get(PAGE, response_class=HTMLResponse, include_in_schema=False)
async def show_verdict(code: str, bench: BenchDep) -> HTMLResponse:
    """Show what an issued document is worth."""
    try:
        return _html(page.of_document(await flows.check(bench, code)))
    except NothingIssued as nothing:
        return _html(page.of_nothing(), nothing.status)


@public.post(PAGE, response_class=HTMLResponse, include_in_schema=False)
async def show_comparison(code: str, file: UploadFile, bench: BenchDep) -> HTMLResponse:
    """Show whether a file is the very document."""
    try:
        told = await flows.check(bench, code)
        return _html(page.of_document(told, await _compared(bench, code, file)))
    except NothingIssued as nothing:
        return _html(page.of_nothing(), nothing.status)


async def _compared(bench: Bench, code: str, file: UploadFile) -> str:
    try:
        return page.of_file(await flows.compare(bench, code, file))
    except NotAPdf:
        return page.of_refusal("not_a_pdf")


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(text, status, page.HEADERS)
