"""People and devices over HTTP."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.deps import (
    ActorDep,
    AddressDep,
    DatabaseDep,
    DoorDep,
    FreshKeyDep,
    Once,
    ReadTxDep,
    WriteTxDep,
    never_cached,
)
from api.people import delegating, flows, queries, service, signatories
from api.people.errors import (
    DelegationOverlaps,
    DelegationToOneself,
    DeviceNeeded,
    KeyTaken,
    LockedOut,
    NoConsole,
    NotYourDelegation,
    OwnDevice,
    TooManyDevices,
    WrongDelegationState,
    WrongPassword,
    WrongTerms,
)
from api.people.factors.deps import LogInStepUpDep
from api.people.factors.errors import StepUpNeeded, WrongFactor
from api.people.models import Delegation
from api.people.queries import Colleague
from api.people.schemas import (
    Delegate,
    DelegationOut,
    DeviceOut,
    Judge,
    LogIn,
    LogInToConsole,
    Me,
    OfficialOut,
    Refresh,
    SignatoryOut,
    TicketOut,
    TypeCode,
)
from api.people.sso.errors import NoLocalAccounts
from api.problems import answer_with, problems
from core import sessions
from core.devices import WrongDeviceState
from core.door import Tokens
from core.errors import Forbidden, Malformed, NotFound, Stale
from core.ids import new_id
from core.nonces import UseNonce
from core.sessions import (
    TICKET_LIFETIME,
    Device,
    DevicePending,
    DeviceRevoked,
    RefreshRefused,
    SessionEnded,
)
from core.tokens import BadProof, BadToken

#: Answers that hold secrets are never kept for a repeated Idempotency-Key.
secrets = APIRouter(tags=["people"], dependencies=[Depends(never_cached)])
router = APIRouter(tags=["people"], route_class=Once)
_ASKED = (BadToken, BadProof, DevicePending, DeviceRevoked, SessionEnded)
NONCE_GIVEN = answer_with(HTTPStatus.OK, UseNonce.described)
_PASSWORD = (Malformed, WrongPassword, LockedOut)


@secrets.post(
    "/sessions",
    responses=problems(
        *_PASSWORD, DevicePending, KeyTaken, TooManyDevices, BadProof, DeviceRevoked,
        StepUpNeeded, WrongFactor, UseNonce, NoLocalAccounts,
    ),
)  # fmt: skip
async def log_in(
    body: LogIn, step_up: LogInStepUpDep, address: AddressDep, door: DoorDep, db: DatabaseDep
) -> Tokens:
    """Log in from a device; a new device waits for an administrator's approval.

    Who has a second factor shows it in the header `Step-Up`; a passkey signs the challenge
    SHA-256("log in" || thumbprint of the device's key || nonce of the proof).
    """
    if not door.takes_passwords:
        raise NoLocalAccounts
    actor = await flows.check_password(
        db, body.account, body.password, address=address, proof=step_up.proof
    )
    await flows.check_factor(db, actor, step_up, address=address)
    started = await flows.log_in(
        db, actor, device_name=body.device_name, proof=step_up.proof, address=address
    )
    return door.tokens(started.device, started.refresh_token)


@secrets.post("/sessions/console", responses=problems(*_PASSWORD, NoConsole, NoLocalAccounts))
async def log_in_to_console(
    body: LogInToConsole, address: AddressDep, door: DoorDep, db: DatabaseDep
) -> Tokens:
    """Log in for the API page or curl, with a plain bearer token; refused in production."""
    if door.is_production:
        raise NoConsole
    if not door.takes_passwords:
        raise NoLocalAccounts
    actor = await flows.check_password(db, body.account, body.password, address=address)
    await flows.open_console(db, actor, address=address)
    return door.console_tokens(actor)


@secrets.post(
    "/sessions/refresh",
    responses=NONCE_GIVEN | problems(Malformed, RefreshRefused, BadProof, UseNonce, DeviceRevoked),
)
async def refresh_session(
    body: Refresh, proof: FreshKeyDep, door: DoorDep, db: DatabaseDep
) -> Tokens:
    """Exchange a refresh token for new tokens; each refresh token works once."""
    continued = await flows.refresh(db, body.refresh_token, proof=proof, secret=door.refresh_secret)
    return door.tokens(continued.device, continued.refresh_token)


@router.delete(
    "/sessions/current",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(DeviceNeeded, *_ASKED),
)
async def log_out(actor: ActorDep, door: DoorDep, tx: WriteTxDep) -> Response:
    """End the session of this device: its tokens and its sockets."""
    await service.log_out(tx, actor)
    door.forget(actor.device_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/me", responses=problems(*_ASKED))
async def read_me(actor: ActorDep, view: ReadTxDep) -> Me:
    """Say who I am."""
    mine = await queries.myself(view, actor)
    agency = await queries.agency(view, actor.agency_id)
    known = OfficialOut.model_validate(mine).model_dump()
    return Me(**known, agency_id=agency.id, agency=agency.name, device_id=actor.device_id)


@router.get("/officials", response_model=list[OfficialOut], responses=problems(*_ASKED))
async def list_officials(actor: ActorDep, view: ReadTxDep) -> Sequence[Colleague]:
    """List my agency's officials."""
    return await queries.directory(view, actor.agency_id)


@router.get(
    "/devices",
    response_model=list[DeviceOut],
    responses=problems(Forbidden, NotFound, Malformed, *_ASKED),
)
async def list_devices(
    actor: ActorDep, view: ReadTxDep, official_id: UUID | None = None
) -> Sequence[Device]:
    """List my devices; an administrator also sees those that wait, or a colleague's."""
    return await queries.devices(view, actor, official_id)


@router.post(
    "/devices/{device_id}/approve",
    response_model=DeviceOut,
    responses=problems(NotFound, Forbidden, OwnDevice, WrongDeviceState, Malformed, *_ASKED),
)
async def approve_device(device_id: UUID, actor: ActorDep, tx: WriteTxDep) -> Device:
    """Approve a colleague's device."""
    return await service.approve_device(tx, actor, device_id)


@router.post(
    "/devices/{device_id}/revoke",
    response_model=DeviceOut,
    responses=problems(NotFound, Forbidden, WrongDeviceState, Malformed, *_ASKED),
)
async def revoke_device(device_id: UUID, actor: ActorDep, door: DoorDep, tx: WriteTxDep) -> Device:
    """Shut a device out, with its tokens and sockets."""
    device = await service.revoke_device(tx, actor, device_id)
    door.forget(device_id)
    return device


@secrets.post("/realtime/tickets", responses=problems(DeviceNeeded, *_ASKED))
async def make_ticket(actor: ActorDep, door: DoorDep, tx: WriteTxDep) -> TicketOut:
    """Give a ticket that lets one socket in, once, within 30 seconds."""
    device_id = service.must_have_device(actor)
    ticket = await sessions.make_ticket(tx, device_id, tx.now + door.socket_lifetime)
    seconds = int(TICKET_LIFETIME.total_seconds())
    return TicketOut(ticket=ticket, expires_in=seconds, ice_servers=door.ice_servers)


@router.get("/delegations", response_model=list[DelegationOut], responses=problems(*_ASKED))
async def list_delegations(actor: ActorDep, view: ReadTxDep) -> Sequence[Delegation]:
    """List who acts for me and for whom I act; an administrator sees the agency's."""
    return await queries.delegations(view, actor)


@router.post(
    "/delegations",
    response_model=DelegationOut,
    status_code=HTTPStatus.CREATED,
    responses=problems(
        NotFound, Forbidden, NotYourDelegation, DelegationToOneself, WrongTerms,
        DelegationOverlaps, Malformed, *_ASKED,
    ),
)  # fmt: skip
async def delegate(body: Delegate, actor: ActorDep, tx: WriteTxDep) -> Delegation:
    """Let somebody act for me (leader), or propose one for a colleague (administrator)."""
    given = await delegating.delegate(tx, actor, new_id(), body.mandate(actor.id))
    await tx.session.flush()
    return given


_JUDGED = problems(NotFound, WrongDelegationState, Stale, Malformed, *_ASKED)


@router.post(
    "/delegations/{delegation_id}/confirm",
    response_model=DelegationOut,
    responses=_JUDGED | problems(Forbidden, NotYourDelegation) | problems(WrongTerms, Malformed),
)
async def confirm_delegation(
    delegation_id: UUID, body: Judge, actor: ActorDep, tx: WriteTxDep
) -> Delegation:
    """Put a proposed delegation into force (its principal, or a second administrator)."""
    given = await delegating.confirm(tx, actor, delegation_id, version=body.version)
    await tx.session.flush()
    return given


@router.post("/delegations/{delegation_id}/revoke", response_model=DelegationOut, responses=_JUDGED)
async def revoke_delegation(
    delegation_id: UUID, body: Judge, actor: ActorDep, tx: WriteTxDep
) -> Delegation:
    """Take a delegation back (its principal, an administrator), or lay it down (delegate)."""
    given = await delegating.revoke(tx, actor, delegation_id, version=body.version)
    await tx.session.flush()
    return given


@router.get("/signatories", responses=problems(Malformed, *_ASKED))
async def list_signatories(
    actor: ActorDep, view: ReadTxDep, type_code: TypeCode
) -> list[SignatoryOut]:
    """List who may sign a type of document of my agency now, and in what right."""
    found = await signatories.signatories(view, actor.agency_id, type_code=type_code)
    return [
        SignatoryOut(
            official_id=one.official.id,
            full_name=one.official.full_name,
            principal_id=one.principal_id,
            form=one.form,
            capacity=list(one.capacity),
        )
        for one in found
    ]
