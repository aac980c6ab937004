"""A third party's wish on its way to an official's phone: noted, asked, and noted again.

The official's own phone signs each hash, whoever asked: there is no signature without its PIN.
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from api.people import queries as people
from api.signing.csc import service
from api.signing.csc.errors import CscError
from api.signing.csc.models import CscAuthorization
from api.signing.csc.rules import SAD_LIFETIME, TOKEN_LIFETIME, Json, Scope, on_the_phone
from api.signing.csc.service import Caller, Exchange
from api.signing.mssp.codes import NEXT_STEPS, Refusal
from api.signing.mssp.port import Mssp, OperatorUnreachable, Refused, Signed, UnknownPhone
from api.signing.pdf import sandboxed
from api.signing.pdf.certificate import SignerCertificate
from api.signing.pdf.errors import WrongCertificate, WrongRawSignature
from api.signing.pdf.raw import check_digest
from api.signing.pins import service as pins
from api.signing.pins.rules import Keeper
from api.signing.rules import is_too_late, verification_code
from api.signing.screening import Screen
from core.actor import Actor
from core.db import Database
from core.messages import say

_POLL_SECONDS = 0.25
#: What is nobody's decision, but a failure on the way.
_FAILURES = frozenset({Refusal.OPERATOR_FAILED, Refusal.NOT_AUTHORISED, Refusal.REQUEST_REFUSED})


@dataclass(frozen=True, slots=True)
class Tools:
    """What the CSC server works with.

    Attributes:
        multisign: how many hashes one authorisation may have; a SIM is asked for each.
    """

    db: Database
    mssp: Mssp
    multisign: int
    screen: Screen


class _NoSignature(Exception):
    """The phone gave no signature."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


async def certificate(tools: Tools, who: Caller) -> SignerCertificate:
    """Return the certificate on the official's SIM."""
    try:
        return await tools.mssp.certificate(who.phone_number)
    except UnknownPhone as none:
        raise CscError("Invalid parameter credentialID") from none
    except OperatorUnreachable as away:
        raise _failure("The signer's operator does not answer") from away


async def authorise(tools: Tools, who: Caller, digests: tuple[bytes, ...]) -> str:
    """Have the official's phone sign these hashes; return the SAD that fetches the signatures.

    Raises:
        CscError: among others, the certificate must not sign; then no phone rings.
    """
    signer = await certificate(tools, who)
    try:
        begun = await _begin(tools, who, digests, signer)
    except WrongCertificate as refusal:
        raise CscError(say(refusal.code, "en"), error="access_denied") from refusal
    try:
        signatures = [
            await _signature(tools, begun, signer, number, who.application)
            for number in range(len(digests))
        ]
    except _NoSignature as none:
        async with tools.db.begin() as tx:
            await service.note_refused(tx, begun)
        raise _told(none.reason) from none
    async with tools.db.begin() as tx:
        return await service.note_signed(tx, begun, signatures)


async def _begin(
    tools: Tools, who: Caller, digests: tuple[bytes, ...], signer: SignerCertificate
) -> CscAuthorization:
    """Note the prompt for a certificate that may sign: looked at and pinned as for our papers."""
    async with tools.db.read() as view:
        official = (await people.names(view, [who.official_id]))[who.official_id]
    await tools.screen.must_pass(signer, holder=official.full_name, phone_number=who.phone_number)
    async with tools.db.begin() as tx:
        if not tools.screen.is_nobodys(who.phone_number):
            themselves = Actor(who.official_id, who.agency_id)
            await pins.hold(tx, themselves, Keeper.SIM, who.phone_number, signer.der)
        return await service.begin(tx, who, digests, sandboxed.signer_as_json(signer))


async def exchange(tools: Tools, brought: Exchange) -> Json:
    """Give a token for a code; for the scope `credential` the phone has to sign first."""
    async with tools.db.begin() as tx:
        redeemed = await service.redeem(tx, brought)
    if redeemed is None:
        raise CscError("Invalid code", error="invalid_grant")
    grant, token = redeemed
    if grant.scope is Scope.SERVICE:
        lifetime = int(TOKEN_LIFETIME.total_seconds())
        return {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}
    async with tools.db.read() as view:
        who = await service.holder(view, grant)
    sad = await authorise(tools, who, tuple(bytes.fromhex(each) for each in grant.hashes))
    lifetime = int(SAD_LIFETIME.total_seconds())
    return {"access_token": sad, "token_type": "SAD", "expires_in": lifetime}


async def _signature(
    tools: Tools, begun: CscAuthorization, signer: SignerCertificate, number: int, asks: str
) -> str:
    digest = bytes.fromhex(begun.hashes[number])
    transaction_id = UUID(begun.transactions[number])
    started_at = tools.db.clock()
    while not is_too_late(started_at, tools.db.clock()):
        try:
            await tools.mssp.start(
                transaction_id=transaction_id,
                phone_number=begun.phone_number,
                digest=digest,
                mechanism=signer.mechanism,
                text=on_the_phone(asks, verification_code(digest)),
            )
            match await tools.mssp.status(transaction_id):
                case Signed(raw):
                    return _checked(signer, raw, digest)
                case Refused() as refused:
                    raise _NoSignature(refused.reason)
                case _:
                    pass
        except OperatorUnreachable:
            pass  # it is asked again while there is time
        except UnknownPhone as none:
            raise _NoSignature(Refusal.UNKNOWN_USER) from none
        await asyncio.sleep(_POLL_SECONDS)
    raise _NoSignature(Refusal.EXPIRED)


def _checked(signer: SignerCertificate, raw: bytes, digest: bytes) -> str:
    try:
        check_digest(signer, raw, digest)
    except WrongRawSignature as wrong:
        raise _NoSignature(Refusal.OPERATOR_FAILED) from wrong
    return b64encode(raw).decode()


def _told(reason: Refusal) -> CscError:
    sentence = f"{say(f'mssp.{reason}', 'en')} {say(f'mssp.next.{NEXT_STEPS[reason]}', 'en')}"
    return _failure(sentence) if reason in _FAILURES else CscError(sentence, error="access_denied")


def _failure(sentence: str) -> CscError:
    return CscError(sentence, error="server_error", status=HTTPStatus.SERVICE_UNAVAILABLE)
