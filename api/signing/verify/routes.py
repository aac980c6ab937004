"""Verification over HTTP."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, UploadFile
from fastapi.responses import HTMLResponse

from api.deps import ActorDep, Once
from api.documents.uploads import PublicUpload, Upload
from api.problems import problems
from api.signing.verify import flows, page
from api.signing.verify.errors import NotAPdf, NothingIssued, TooManyChecks
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


async def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted beside the verdict."""

    online: Annotated[
        bool, Query(description="ask the signers' authorities, too, what they have revoked")
    ] = False


BenchDep = Annotated[Bench, Depends(_bench)]
AddressDep = Annotated[str, Depends(_address)]


CodeDep = Annotated[str, Path(max_length=64, description="as the QR code on the paper shows it")]


@router.post(
    "/signatures/verifications",
    responses=problems(NotAPdf, TooLarge, Malformed, BadToken, BadProof, DeviceRevoked),
)
async def verify_signatures(
    file: UploadFile,
    _actor: ActorDep,
    bench: BenchDep,
    wanted: Annotated[Wanted, Depends()],
) -> ReportOut:
    """Verify any PDF from anyone: every signature, every later change and where it is.

    The file is kept nowhere. A document in our form must be complete: person, number and agency.
    Nobody is asked unless `online` says so, and then only authorities on this installation's list.
    """
    return ReportOut.of(await flows.verify_upload(bench, file, online=wanted.online))


@public.post("/verify", responses=problems(NotAPdf, TooLarge, Malformed))
async def verify_file(file: UploadFile, bench: BenchDep) -> ReportOut:
    """Verify the signatures of any PDF; needs no account, keeps nothing."""
    return ReportOut.of(await flows.verify_upload(bench, file))


@checking.get("/verdicts/{code}", responses=problems(NothingIssued, TooManyChecks, Malformed))
async def check_document(code: CodeDep, bench: BenchDep, address: AddressDep) -> PublicVerdictOut:
    """Say what an issued document is worth, to anybody who holds its code.

    A code that is unknown and one whose document is not in force get the same answer.
    """
    return await flows.check(bench, code, address)


@public.post(
    "/verdicts/{code}/comparisons",
    responses=problems(NothingIssued, TooManyChecks, NotAPdf, TooLarge, Malformed),
)
async def compare_with_document(
    code: CodeDep, file: UploadFile, bench: BenchDep, address: AddressDep
) -> ComparisonOut:
    """Say whether a file is the very document with this code; the file is kept nowhere."""
    return await flows.compare(bench, code, address, file)


@checking.get(PAGE, response_class=HTMLResponse, include_in_schema=False)
async def show_verdict(code: str, bench: BenchDep, address: AddressDep) -> HTMLResponse:
    """Show what an issued document is worth."""
    try:
        return _html(page.of_document(await flows.check(bench, code, address)))
    except (NothingIssued, TooManyChecks) as refusal:
        return _refused(refusal)


@public.post(PAGE, response_class=HTMLResponse, include_in_schema=False)
async def show_comparison(
    code: str, file: UploadFile, bench: BenchDep, address: AddressDep
) -> HTMLResponse:
    """Show whether a file is the very document."""
    try:
        told = await flows.check(bench, code, address)
        return _html(page.of_document(told, await _compared(bench, code, address, file)))
    except (NothingIssued, TooManyChecks) as refusal:
        return _refused(refusal)


async def _compared(bench: Bench, code: str, address: str, file: UploadFile) -> str:
    try:
        return page.of_file(await flows.compare(bench, code, address, file))
    except NotAPdf:
        return page.of_refusal("not_a_pdf")


def _refused(refusal: NothingIssued | TooManyChecks) -> HTMLResponse:
    text = page.of_haste() if isinstance(refusal, TooManyChecks) else page.of_nothing()
    answer = _html(text, refusal.status)
    answer.headers.update(refusal.answer_headers())
    return answer


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(text, status, page.HEADERS)
