"""Second factors over HTTP."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import ActorDep, Once, ReadTxDep, WriteTxDep, never_cached
from api.people import queries as people
from api.people.errors import DeviceNeeded, LockedOut
from api.people.factors import codes, queries, service
from api.people.factors.deps import CountedDep, StepUpDep, ToolsDep
from api.people.factors.errors import (
    BadPasskey,
    FactorExists,
    OwnFactors,
    StepUpNeeded,
    TooManyPasskeys,
    WrongFactor,
)
from api.people.factors.schemas import (
    AddPasskey,
    Confirm,
    FactorsOut,
    PasskeyOptions,
    PasskeyOut,
    RecoveryCodes,
    TotpBegun,
)
from api.problems import answer_with, problems
from core.errors import Forbidden, Malformed, NotFound
from core.nonces import HEADER as NONCE
from core.nonces import UseNonce
from core.sessions import DeviceRevoked
from core.tokens import BadProof, BadToken

#: Answers that hold secrets are never kept for a repeated Idempotency-Key.
secrets = APIRouter(tags=["second factors"], dependencies=[Depends(never_cached)])
router = APIRouter(tags=["second factors"], route_class=Once)
_ASKED = (BadToken, BadProof, DeviceRevoked)
_STEPPED_UP = (
    UseNonce, StepUpNeeded, WrongFactor, LockedOut, DeviceNeeded, Malformed, *_ASKED,
)  # fmt: skip
_NONCE_GIVEN = answer_with(HTTPStatus.OK, UseNonce.described)


@router.get("/second-factors", responses=problems(*_ASKED))
async def list_second_factors(actor: ActorDep, view: ReadTxDep) -> FactorsOut:
    """Say which second factors I have."""
    app = await queries.totp(view, actor.id)
    passkeys = await queries.passkeys(view, actor.id)
    return FactorsOut(
        totp_since=app.confirmed_at if app else None,
        passkeys=[PasskeyOut.model_validate(kept) for kept in passkeys],
        unused_recovery_codes=await queries.unused_codes(view, actor.id),
    )


@secrets.post(
    "/second-factors/totp",
    responses=_NONCE_GIVEN | problems(FactorExists, *_STEPPED_UP),
)
async def begin_totp(actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep) -> TotpBegun:
    """Begin with an authenticator app; it counts once its first code is confirmed."""
    secret = await service.begin_totp(tx, actor, step_up)
    official = await people.official(tx, actor, actor.id)
    return TotpBegun(secret=secret, uri=codes.uri(secret, official.full_name))


@secrets.post(
    "/second-factors/totp/confirm",
    dependencies=[CountedDep],
    responses=problems(WrongFactor, FactorExists, LockedOut, Malformed, *_ASKED),
)
async def confirm_totp(
    body: Confirm, actor: ActorDep, tools: ToolsDep, tx: WriteTxDep
) -> RecoveryCodes:
    """Confirm the authenticator app with a code; from now on it is asked for."""
    return RecoveryCodes(recovery_codes=await service.confirm_totp(tx, actor, tools, body.code))


@router.post(
    "/second-factors/totp/remove",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(*_STEPPED_UP),
)
async def remove_totp(actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep) -> Response:
    """Take my authenticator app away."""
    await service.remove_totp(tx, actor, step_up)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@secrets.get(
    "/second-factors/passkeys/options",
    response_model=PasskeyOptions,
    responses=_NONCE_GIVEN | problems(*_ASKED),
)
async def read_passkey_options(
    actor: ActorDep, tools: ToolsDep, view: ReadTxDep, response: Response
) -> dict[str, Any]:
    """Get what my authenticator needs to make a passkey; add it with the nonce given here."""
    response.headers[NONCE] = tools.nonces.current(view.now)
    return await service.passkey_options(view, actor, tools)


@secrets.post(
    "/second-factors/passkeys",
    status_code=HTTPStatus.CREATED,
    responses=answer_with(HTTPStatus.CREATED, UseNonce.described)
    | problems(BadPasskey, TooManyPasskeys, *_STEPPED_UP),
)
async def add_passkey(
    body: AddPasskey, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> RecoveryCodes:
    """Keep a new passkey; from now on one is asked for before I sign."""
    credential = body.credential.model_dump()
    made = await service.add_passkey(tx, actor, step_up, credential=credential, name=body.name)
    return RecoveryCodes(recovery_codes=made)


@router.post(
    "/second-factors/passkeys/{passkey_id}/remove",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, *_STEPPED_UP),
)
async def remove_passkey(
    passkey_id: UUID, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> Response:
    """Take a passkey of mine away."""
    await service.remove_passkey(tx, actor, step_up, passkey_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@secrets.post("/second-factors/recovery-codes", responses=_NONCE_GIVEN | problems(*_STEPPED_UP))
async def renew_recovery_codes(
    actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> RecoveryCodes:
    """Get new recovery codes; the old ones are worthless."""
    return RecoveryCodes(recovery_codes=await service.renew_codes(tx, actor, step_up))


@router.post(
    "/officials/{official_id}/second-factors/reset",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(NotFound, Forbidden, OwnFactors, *_STEPPED_UP),
)
async def reset_second_factors(
    official_id: UUID, actor: ActorDep, step_up: StepUpDep, tx: WriteTxDep
) -> Response:
    """Take every second factor of a colleague away who has lost them all."""
    await service.reset(tx, actor, step_up, official_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)
