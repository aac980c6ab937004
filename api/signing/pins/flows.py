"""What the keepers of an official's keys say of their certificates."""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from api.people import queries as people
from api.people.factors.step_up import StepUp
from api.signing.errors import NoPhoneNumber
from api.signing.flows import Tools
from api.signing.pdf.certificate import SignerCertificate
from api.signing.pins import service
from api.signing.pins.models import PinnedCertificate
from api.signing.pins.rules import Keeper
from api.signing.remote.port import NoRemoteKey, RemoteUnreachable
from core.actor import Actor
from core.errors import Stale


@dataclass(frozen=True, slots=True)
class Mine:
    """A certificate as its keeper says now, and what is pinned."""

    keeper: Keeper
    certificate: SignerCertificate
    pinned: PinnedCertificate | None

    @property
    def sha256(self) -> str:
        """Return the fingerprint."""
        return sha256(self.certificate.der).hexdigest()


async def mine(tools: Tools, actor: Actor) -> list[Mine]:
    """Return the certificates that the actor can sign with now: the SIM's, and the remote key's."""
    phone_number = await _phone_of(tools, actor)
    found = {Keeper.SIM: await tools.mssp.certificate(phone_number)}
    with suppress(NoRemoteKey, RemoteUnreachable):  # then one signs paper by paper
        found[Keeper.REMOTE] = await tools.remote.certificate(phone_number)
    async with tools.db.read() as view:
        return [
            Mine(keeper, one, await service.pinned(view, actor.id, keeper))
            for keeper, one in found.items()
        ]


async def confirm(
    tools: Tools, actor: Actor, keeper: Keeper, fingerprint: str, *, step_up: StepUp
) -> Mine:
    """Pin the certificate that its keeper has now, if it is the one that the actor saw."""
    phone_number = await _phone_of(tools, actor)
    asked = tools.mssp if keeper is Keeper.SIM else tools.remote
    certificate = await asked.certificate(phone_number)
    async with tools.db.read() as view:
        official = (await people.names(view, [actor.id]))[actor.id]
    await tools.screen.must_pass(certificate, holder=official.full_name, phone_number=phone_number)
    if sha256(certificate.der).hexdigest() != fingerprint:
        raise Stale(version=0)
    async with tools.db.begin() as tx:
        pinned = await service.confirm(
            tx, actor, keeper, phone_number, fingerprint, step_up=step_up
        )
    return Mine(keeper, certificate, pinned)


async def _phone_of(tools: Tools, actor: Actor) -> str:
    async with tools.db.read() as view:
        official = (await people.names(view, [actor.id]))[actor.id]
    if not official.phone_number:
        raise NoPhoneNumber
    return official.phone_number
