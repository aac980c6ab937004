"""Single sign-on over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from api.deps import (
    ActorDep,
    AddressDep,
    DatabaseDep,
    DoorDep,
    Once,
    ProofDep,
    WriteTxDep,
    never_cached,
)
from api.people.errors import KeyTaken, TooManyDevices
from api.people.sso import flows, service
from api.people.sso.errors import (
    BadLogoutToken,
    IdentityTaken,
    NoSingleSignOn,
    NotLinked,
    ProviderRefused,
    ProviderUnreachable,
    SignInRefused,
)
from api.people.sso.flows import Tools
from api.people.sso.rules import SIGN_IN_LIFETIME
from api.people.sso.schemas import BeginSignIn, CompleteSignIn, Link, SignInBegun, WaysIn
from api.problems import problems
from core.door import Tokens
from core.errors import Forbidden, Malformed, NotFound
from core.sessions import DevicePending, DeviceRevoked, SessionEnded
from core.tokens import MAX_BYTES, BadProof, BadToken

#: Answers that hold secrets are never kept for a repeated Idempotency-Key.
secrets = APIRouter(tags=["single sign-on"], dependencies=[Depends(never_cached)])
router = APIRouter(tags=["single sign-on"], route_class=Once)
_ASKED = (BadToken, BadProof, DevicePending, DeviceRevoked, SessionEnded)
_PROVIDER = (NoSingleSignOn, ProviderRefused, ProviderUnreachable, Malformed, BadProof)


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.single_sign_on
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]


@secrets.get("/sessions/ways")
async def list_ways_in(door: DoorDep, tools: ToolsDep) -> WaysIn:
    """Say how officials log in here: with a password, at the identity provider, or both."""
    provider = tools.provider
    issuer = provider.settings.issuer if provider else None
    return WaysIn(local_accounts=door.takes_passwords, single_sign_on=issuer)


@secrets.post("/sessions/single-sign-on", responses=problems(*_PROVIDER))
async def begin_sign_in(
    body: BeginSignIn, proof: ProofDep, tools: ToolsDep, db: DatabaseDep
) -> SignInBegun:
    """Begin at the identity provider; the same device has to complete it within ten minutes."""
    url = await flows.begin(db, tools, proof=proof, device_name=body.device_name)
    seconds = int(SIGN_IN_LIFETIME.total_seconds())
    return SignInBegun(authorization_url=url, expires_in=seconds)


@secrets.post(
    "/sessions/single-sign-on/complete",
    responses=problems(
        SignInRefused, NotLinked, DevicePending, DeviceRevoked, KeyTaken, TooManyDevices,
        *_PROVIDER,
    ),
)  # fmt: skip
async def complete_sign_in(
    body: CompleteSignIn,
    proof: ProofDep,
    address: AddressDep,
    tools: ToolsDep,
    door: DoorDep,
    db: DatabaseDep,
) -> Tokens:
    """Start a session with what the browser brought back; a new device waits for approval."""
    back = flows.Back(state=body.state, code=body.code, issuer=body.iss, address=address)
    started = await flows.complete(db, tools, proof=proof, back=back)
    return door.tokens(started.device, started.refresh_token)


@secrets.post(
    "/sessions/single-sign-on/logout",
    responses=problems(BadLogoutToken, NoSingleSignOn, ProviderUnreachable, Malformed),
)
async def log_out_by_provider(
    logout_token: Annotated[str, Form(max_length=MAX_BYTES)],
    tools: ToolsDep,
    door: DoorDep,
    db: DatabaseDep,
) -> Response:
    """End what the identity provider has ended (OpenID Connect Back-Channel Logout)."""
    await flows.log_out(db, tools, logout_token)
    door.forget()
    return Response(status_code=HTTPStatus.OK, headers={"Cache-Control": "no-store"})


@router.post(
    "/officials/{official_id}/single-sign-on",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, Forbidden, IdentityTaken, NoSingleSignOn, Malformed, *_ASKED),
)
async def link_identity(
    official_id: UUID, body: Link, actor: ActorDep, tools: ToolsDep, tx: WriteTxDep
) -> Response:
    """Say who an official is at the identity provider; for administrators."""
    issuer = tools.must_have_provider().settings.issuer
    await service.link(tx, actor, official_id, issuer=issuer, subject=body.subject)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/officials/{official_id}/single-sign-on/remove",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, Forbidden, NoSingleSignOn, Malformed, *_ASKED),
)
async def unlink_identity(
    official_id: UUID, actor: ActorDep, tools: ToolsDep, tx: WriteTxDep
) -> Response:
    """Take an official's identity at the provider away; for administrators."""
    issuer = tools.must_have_provider().settings.issuer
    await service.unlink(tx, actor, official_id, issuer=issuer)
    return Response(status_code=HTTPStatus.NO_CONTENT)
