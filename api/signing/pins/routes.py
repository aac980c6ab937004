"""My certificates over HTTP."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.deps import ActorDep, Once
from api.people.errors import DeviceNeeded, LockedOut
from api.people.factors.deps import StepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.problems import answer_with, problems
from api.signing.errors import NoPhoneNumber
from api.signing.evidence.errors import (
    CertificateExpired,
    CertificateOfAnother,
    CertificateRevoked,
    CertificateUntrusted,
    CertificateWeak,
)
from api.signing.flows import Tools
from api.signing.mssp.port import OperatorUnreachable, UnknownPhone
from api.signing.pins import flows
from api.signing.pins.flows import Mine
from api.signing.pins.schemas import Confirm, MyCertificateOut
from api.signing.remote.port import NoRemoteKey, RemoteUnreachable
from core.errors import Malformed, Stale
from core.nonces import UseNonce
from core.sandbox import SandboxKilled
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

router = APIRouter(prefix="/me/certificates", tags=["signing"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked, Malformed)
_KEEPERS = (NoPhoneNumber, UnknownPhone, OperatorUnreachable, RemoteUnreachable)
_REFUSED = (
    CertificateRevoked, CertificateExpired, CertificateUntrusted, CertificateOfAnother,
    CertificateWeak, NoRemoteKey, SandboxKilled,
)  # fmt: skip


async def _tools(request: Request) -> Tools:
    tools: Tools = request.app.state.engines.signing
    return tools


ToolsDep = Annotated[Tools, Depends(_tools)]


def _shown(one: Mine) -> MyCertificateOut:
    parsed, pinned = one.certificate.parsed, one.pinned.sha256 if one.pinned else None
    return MyCertificateOut(
        keeper=one.keeper,
        sha256=one.sha256,
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        pinned_sha256=pinned,
        must_be_confirmed=pinned not in {None, one.sha256},
    )


@router.get("", responses=problems(*_KEEPERS, *_ASKED))
async def list_my_certificates(actor: ActorDep, tools: ToolsDep) -> list[MyCertificateOut]:
    """Ask the keepers of my keys for my certificates, and say which are pinned."""
    return [_shown(one) for one in await flows.mine(tools, actor)]


@router.post(
    "/confirm",
    responses=answer_with(HTTPStatus.OK, UseNonce.described)
    | problems(
        DeviceNeeded, Stale, UseNonce, StepUpNeeded, WrongFactor, LockedOut,
        *_KEEPERS, *_REFUSED, *_ASKED,
    ),
)  # fmt: skip
async def confirm_my_certificate(
    body: Confirm, actor: ActorDep, step_up: StepUpDep, tools: ToolsDep
) -> MyCertificateOut:
    """Say from my own device that I sign with another certificate now.

    The proof's `challenge` is base64url(SHA-256("certificate" || `sha256` || nonce)), with `sha256`
    as 32 bytes; all else is as for a signature.
    """
    made = await flows.confirm(tools, actor, body.keeper, body.sha256, step_up=step_up)
    return _shown(made)
