"""The CSC API, its OAuth 2.0, and what officials and administrators decide about it."""

import base64
import binascii
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote, urlencode
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from typing_extensions import override

from api.deps import ActorDep, DatabaseDep, Once, ReadTxDep, WriteTxDep, never_cached
from api.people.errors import DeviceNeeded, LockedOut
from api.people.factors.deps import StepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.problems import answer_with, problems
from api.signing.csc import flows, rules, schemas, service
from api.signing.csc.errors import CscError, HashesNeeded, WrongRedirect, invalid, no_token
from api.signing.csc.flows import Tools
from api.signing.csc.models import CscClient
from api.signing.csc.rules import SAD_LIFETIME, Dialect, Json
from api.signing.csc.schemas import (
    Allow,
    AllowedOut,
    ClientOut,
    GrantOut,
    Register,
    RegisteredOut,
    TokenForm,
)
from api.signing.csc.service import Caller, Exchange
from core.errors import Forbidden, Malformed, NotFound
from core.nonces import UseNonce
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Không Giấy</title>
<p>Hãy mở liên kết này bằng ứng dụng Không Giấy trên điện thoại của bạn.</p>
<p lang="en">Open this link with the Không Giấy app on your phone.</p></html>"""


class CscProblem(BaseModel):
    """Why the CSC API refused, with a code of its specification."""

    error: str
    error_description: str


class CscRoute(APIRoute):
    """A route that refuses as the CSC specification does."""

    @override
    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def refuse_so(request: Request) -> Response:
            try:
                return await handle(request)
            except CscError as refusal:
                return _refused(refusal)
            except (RequestValidationError, HTTPException):  # what the framework cannot read
                return _refused(CscError("The request is not a JSON object"))

        return refuse_so


def _refused(refusal: CscError) -> JSONResponse:
    said = {"error": refusal.error, "error_description": refusal.description}
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    headers = challenge if refusal.status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(said, refusal.status, headers)


_REFUSALS: dict[int | str, dict[str, Any]] = {
    int(status): {"model": CscProblem, "description": "as the CSC specification words it"}
    for status in (
        HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE,
    )
}  # fmt: skip
csc = APIRouter(
    prefix="/csc",
    tags=["cloud signature consortium"],
    route_class=CscRoute,
    dependencies=[Depends(never_cached)],
    responses=_REFUSALS,
)
router = APIRouter(
    tags=["cloud signature consortium"], route_class=Once, dependencies=[Depends(never_cached)]
)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed)


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.csc
    return tools


async def granted(request: Request, db: DatabaseDep) -> Caller:
    """Return the application that calls, and the official whom it speaks for."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise no_token()
    async with db.read() as view:
        return await service.caller(view, token)


ToolsDep = Annotated[Tools, Depends(_tools)]
CallerDep = Annotated[Caller, Depends(granted)]
BodyDep = Annotated[Json, Body()]


@csc.post("/{version}/info")
async def csc_info(
    version: Dialect, request: Request, body: Annotated[Json | None, Body()] = None
) -> Json:
    """Say what this service is and can do."""
    _ = body  # the language that one may ask for; there is one
    return schemas.info(version, _base(request))


@csc.post("/{version}/credentials/list")
async def csc_credentials_list(version: Dialect, body: BodyDep, who: CallerDep) -> Json:
    """List the official's credentials: their SIM."""
    _ = version
    if "userID" in body:
        raise invalid("userID")  # the token says who it is
    return {"credentialIDs": [str(who.official_id)] if who.phone_number else []}


@csc.post("/{version}/credentials/info")
async def csc_credentials_info(
    version: Dialect, body: BodyDep, who: CallerDep, tools: ToolsDep
) -> Json:
    """Describe the official's SIM: key, certificate, how it is authorised."""
    rules.must_be_mine(body, who.official_id)
    signer = await flows.certificate(tools, who)
    return schemas.credential(
        signer, body, version, multisign=tools.multisign, now=tools.db.clock()
    )


@csc.post("/{version}/credentials/authorize")
async def csc_credentials_authorize(
    version: Dialect, body: BodyDep, who: CallerDep, tools: ToolsDep
) -> Json:
    """Have the official's phone ask for the PIN, for just these hashes; answers when it has."""
    rules.must_be_mine(body, who.official_id)
    digests = rules.digests_in(body, version)
    rules.must_be_sha256(body, version, needed=False)
    rules.must_count(body, digests, tools.multisign)
    sad = await flows.authorise(tools, who, digests)
    return {"SAD": sad, "expiresIn": int(SAD_LIFETIME.total_seconds())}


@csc.post("/{version}/signatures/signHash")
async def csc_sign_hash(version: Dialect, body: BodyDep, who: CallerDep, db: DatabaseDep) -> Json:
    """Fetch the signatures that the phone gave, once, for just the hashes of the SAD."""
    rules.must_be_mine(body, who.official_id)
    order = rules.order_in(body, version)
    async with db.begin() as tx:
        signatures, response = await service.fetch(tx, who, order)
    return {"responseID": response} if response else {"signatures": signatures}


@csc.post("/v2/signatures/signPolling")
async def csc_sign_polling(body: BodyDep, who: CallerDep, db: DatabaseDep) -> Json:
    """Fetch the signatures of an asynchronous request."""
    response = rules.text(body, "responseID")
    async with db.read() as view:
        return {"signatures": await service.poll(view, who, response)}


# --- OAuth 2.0 ------------------------------------------------------------------------------


@csc.get("/oauth2/authorize", response_class=HTMLResponse)
async def csc_oauth_page() -> HTMLResponse:
    """Tell a browser that the app on the phone opens this link."""
    return HTMLResponse(_PAGE)


@csc.post("/oauth2/token")
async def csc_oauth_token(
    request: Request, tools: ToolsDep, asked: Annotated[TokenForm, Form()]
) -> Json:
    """Exchange a code for a token (RFC 6749 with PKCE)."""
    if asked.grant_type != "authorization_code":
        raise CscError("Unsupported grant_type", error="unsupported_grant_type")
    named, secret = _client_in(request) or (asked.client_id, asked.client_secret)
    brought = Exchange(named, secret, asked.redirect_uri, asked.code, asked.code_verifier)
    return await flows.exchange(tools, brought)


@csc.post("/oauth2/revoke")
async def csc_oauth_revoke(db: DatabaseDep, token: Annotated[str, Form()] = "") -> Json:
    """Take a token back (RFC 7009)."""
    async with db.begin() as tx:
        await service.revoke(tx, token)
    return {}


def _client_in(request: Request) -> tuple[str, str] | None:
    """Return the application's name and secret from HTTP Basic (RFC 6749 section 2.3.1)."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ("", "")
    return unquote(name), unquote(secret)


def _base(request: Request) -> str:
    public: str = request.app.state.engines.settings.http.public_url
    return (public or str(request.base_url)).rstrip("/")


# --- officials and administrators -----------------------------------------------------------


@router.post(
    "/csc-grants",
    status_code=HTTPStatus.CREATED,
    responses=answer_with(HTTPStatus.CREATED, UseNonce.described)
    | problems(
        NotFound, WrongRedirect, HashesNeeded, DeviceNeeded, UseNonce, StepUpNeeded, WrongFactor,
        LockedOut, *_ASKED,
    ),
)  # fmt: skip
async def allow_csc_application(
    body: Allow, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep, tools: ToolsDep
) -> AllowedOut:
    """Allow an application what its link asks for, on my own device.

    The device's proof holds a claim `challenge`: base64url(SHA-256(subject || nonce)), where the
    subject is `csc`, the application's id as 16 bytes, and the SHA-256 of redirect_uri, scope,
    code_challenge and the hashes in hexadecimal, a line each. It signs nothing yet: for every
    signature my SIM asks for the PIN.
    """
    _, code = await service.allow(
        tx, actor, body.as_wish(), multisign=tools.multisign, step_up=step_up
    )
    joint = "&" if "?" in body.redirect_uri else "?"
    said = {"code": code} | ({"state": body.state} if body.state else {})
    return AllowedOut(redirect_to=f"{body.redirect_uri}{joint}{urlencode(said)}")


@router.get("/csc-grants", responses=problems(*_ASKED))
async def list_csc_grants(actor: ActorDep, view: ReadTxDep) -> list[GrantOut]:
    """List what applications may do in my name."""
    return [
        GrantOut(application=name, **grant.model_dump(include=set(GrantOut.model_fields)))
        for grant, name in await service.grants(view, actor)
    ]


@router.post(
    "/csc-grants/{grant_id}/withdraw",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, *_ASKED),
)
async def withdraw_csc_grant(grant_id: UUID, actor: ActorDep, tx: WriteTxDep) -> None:
    """Take back what I allowed; the application's token is worthless at once."""
    await service.withdraw(tx, actor, grant_id)


@router.post("/csc-clients", status_code=HTTPStatus.CREATED, responses=problems(Forbidden, *_ASKED))
async def register_csc_client(body: Register, actor: ActorDep, tx: WriteTxDep) -> RegisteredOut:
    """Let a third party's application in; its secret is shown this one time."""
    client, secret = await service.register(
        tx, actor, name=body.name, redirect_uri=body.redirect_uri, is_public=body.is_public
    )
    return RegisteredOut(**client.model_dump(), client_secret=secret)


@router.get("/csc-clients", response_model=list[ClientOut], responses=problems(Forbidden, *_ASKED))
async def list_csc_clients(actor: ActorDep, view: ReadTxDep) -> Sequence[CscClient]:
    """List the agency's applications."""
    return await service.clients(view, actor)


@router.post(
    "/csc-clients/{client_id}/close",
    response_model=ClientOut,
    responses=problems(NotFound, Forbidden, *_ASKED),
)
async def close_csc_client(client_id: UUID, actor: ActorDep, tx: WriteTxDep) -> CscClient:
    """Shut an application out, with every token that it has."""
    return await service.close(tx, actor, client_id)
