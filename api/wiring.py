"""The composition root: settings become engines; with `api.carriers` alone it names adapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from secrets import token_bytes
from urllib.parse import urlsplit

from api import reactions
from api.carriers import (
    S3,
    blobs_of,
    bus_of,
    gateways_of,
    realtime_of,
    recorded_of,
    texts_of,
    ways_of,
)
from api.documents.desk import Desk
from api.documents.flows import Office
from api.documents.ocr.absent import AbsentOcr
from api.documents.ocr.port import Ocr
from api.documents.ocr.tesseract import TesseractOcr
from api.documents.verifier import Verifier
from api.endings import Endings
from api.gate import CapabilityGate, TableAlbum
from api.lookup.index.port import Index
from api.lookup.index.postgres_fts import PostgresFtsIndex
from api.lookup.index.sqlite_fts import SqliteFtsIndex
from api.meetings.flows import Commands
from api.meetings.papers.flows import Table
from api.meetings.recording.flows import Tapes
from api.meetings.secrecy import flows as secret_votes
from api.meetings.secrecy.teller.belenios import BeleniosTeller
from api.people.factors import step_up
from api.people.factors.codes import ISSUER
from api.people.factors.passkeys import RelyingParty
from api.people.sso import flows as sso
from api.people.sso.provider import Provider
from api.signing import flows as signing
from api.signing.csc import flows as csc
from api.signing.evidence.asking import Inquiry
from api.signing.flows import Tools
from api.signing.longterm.flows import Archive
from api.signing.mssp import simulated_names
from api.signing.mssp.phone import Phones
from api.signing.mssp.port import Mssp
from api.signing.mssp.real import real_operator
from api.signing.mssp.simulated import SimulatedMssp
from api.signing.mssp.simulated_ca import SimulatedCa
from api.signing.mssp.simulated_phones import is_magic
from api.signing.pdf.certificate import Mechanism
from api.signing.remote.absent import AbsentRemote
from api.signing.remote.port import RemoteKeys
from api.signing.remote.simulated import SimulatedRemote
from api.signing.screening import Screen, nobody
from api.signing.seal.port import SealKeys
from api.signing.seal.simulated import SimulatedSeal
from api.signing.trust.addresses import AllowList
from api.signing.trust.port import TrustServices
from api.signing.trust.simulated import SimulatedTrustServices
from api.signing.verify.flows import Bench
from api.urgency import urgency_of
from core import installation, relay, sessions, streams
from core.blobs.files import FileBlobs
from core.blobs.port import Blobs
from core.bus.port import Bus
from core.clock import Clock, utc_now
from core.config import Settings
from core.db import Database
from core.door import Door
from core.errors import AddressNeeded, MediaNotForNodes, NotForNodes, RefusedInProduction
from core.kept import Kept
from core.keys import load_or_make
from core.production import simulated_in
from core.sandbox import Sandbox
from core.vault import KEY_BYTES, Vault
from push import addresses
from push import service as push
from push.gateway.port import Gateway
from push.gateway.recorded import RecordedGateway
from push.ways import Ways
from realtime.connection import Realtime
from realtime.texts.shelf import Shelf

#: Bytes of pages with readers' names across them; one picture has some 200 KB.
MARKED = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Engines:
    """The real parts behind every port."""

    settings: Settings
    db: Database
    door: Door
    factors: step_up.Tools
    single_sign_on: sso.Tools
    bus: Bus
    blobs: Blobs
    sandbox: Sandbox
    desk: Desk
    ocr: Ocr
    index: Index
    verify: Verifier | None
    signing: Tools
    archive: Archive
    verification: Bench
    phones: Phones | None
    csc: csc.Tools
    secret_votes: secret_votes.Tools
    tapes: Tapes
    recorded: RecordedGateway | None
    gateways: Sequence[Gateway]
    ways: Ways
    rooms: Commands
    table: Table
    realtime: Realtime
    texts: Shelf
    endings: Endings


def assemble(
    settings: Settings, *, clock: Clock = utc_now, sandbox: Sandbox | None = None
) -> Engines:
    """Choose the parts: those of one process alone, or those that several nodes share.

    Args:
        settings: what decides.
        clock: of every part.
        sandbox: one that runs already, instead of one by the settings.
    """
    must_be_allowed(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    bus = bus_of(settings)
    db = Database(
        settings.database,
        clock=clock,
        listeners=(
            reactions.react,
            partial(push.note, urgency_of=urgency_of),
            addresses.forget_who_is_out,
        ),
        tell=partial(relay.tell, bus),
    )
    blobs = blobs_of(settings)
    sandbox = sandbox or Sandbox(settings.sandbox)
    desk = Desk(settings.data / "desk")
    parts = _parts(settings, db, clock)
    mssp, seal, remote, phones = parts.mssp, parts.seal, parts.remote, parts.phones
    inquiry = inquiry_of(settings, clock=clock)
    is_nobodys = nobody if phones is None else is_magic
    screen = Screen(sandbox, settings.trust, inquiry, clock, is_nobodys)
    tools = Tools(db, blobs, sandbox, desk, mssp, seal, settings.trust, remote, screen)
    door, gate = Door(settings, db), CapabilityGate(db)
    verify = partial(signing.verify, tools, policy="own")
    table = Table(Office(db, blobs, sandbox, desk, verify), Kept(MARKED))
    realtime = realtime_of(settings, gate, TableAlbum(table), bus, clock)
    texts = texts_of(gate, bus, clock)
    recorded = None if settings.is_production else recorded_of(settings)
    gateways = [*([recorded] if recorded else []), *gateways_of(settings)]
    return Engines(
        settings=settings,
        db=db,
        door=door,
        factors=_second_factors(settings, door),
        single_sign_on=_single_sign_on(settings, door, clock),
        bus=bus,
        blobs=blobs,
        sandbox=sandbox,
        desk=desk,
        ocr=_ocr(settings),
        index=index_of(db),
        verify=verify,
        signing=tools,
        archive=Archive(db, blobs, sandbox, desk, settings.trust, inquiry),
        phones=phones,
        # Of its own: who has files verified takes no place from our papers.
        verification=Bench(
            db, blobs, sandbox, desk, settings.trust, inquiry_of(settings, clock=clock)
        ),
        secret_votes=secret_votes.Tools(
            db, BeleniosTeller(settings.voting), secret_votes.box_of(db)
        ),
        tapes=Tapes(db, blobs, settings.recordings, settings.media.janus.unpack),
        csc=csc.Tools(db, mssp, settings.signing.csc_multisign, screen),
        recorded=recorded,
        gateways=gateways,
        ways=ways_of(gateways),
        rooms=gate.rooms,
        table=table,
        realtime=realtime,
        texts=texts,
        endings=Endings(db, bus, realtime.hub, texts, door),
    )


def _second_factors(settings: Settings, door: Door) -> step_up.Tools:
    key = load_or_make(settings.keys / "vault.key", lambda: token_bytes(KEY_BYTES))
    party = RelyingParty(settings.passkey_domain, ISSUER, settings.passkey_origins)
    return step_up.Tools(Vault(key), door.nonces, party)


def _single_sign_on(settings: Settings, door: Door, clock: Clock) -> sso.Tools:
    configured = settings.single_sign_on
    provider = Provider(configured, clock) if configured.is_on else None
    return sso.Tools(provider, door.refresh_secret)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Who holds the keys; `phones` are there where the operator is simulated."""

    mssp: Mssp
    seal: SealKeys
    remote: RemoteKeys
    phones: Phones | None


def _parts(settings: Settings, db: Database, clock: Clock) -> _Parts:
    """Choose who holds the keys; a simulated part is built only where no real one is set."""
    real, seal = real_operator(settings.signing, db), _seal(settings)
    if real and seal and settings.signing.remote != "simulated":
        return _Parts(real, seal, _remote(settings, real, clock), None)
    simulated = simulated_parts(settings, clock=clock)
    mssp = real or simulated.operator
    is_real = settings.signing.remote != "simulated"
    remote = _remote(settings, mssp, clock) if is_real else simulated.remote
    phones = None if real else simulated.operator
    return _Parts(mssp, seal or simulated.seal, remote, phones)


@dataclass(frozen=True, slots=True)
class SimulatedParts:
    """What stands in for others while nobody decides anything that counts."""

    operator: SimulatedMssp
    seal: SimulatedSeal
    remote: SimulatedRemote


def simulated_parts(settings: Settings, *, clock: Clock = utc_now) -> SimulatedParts:
    """Return the SIM operator, the seal and the remote keys of the demo's authority.

    Raises:
        RefusedInProduction: they are never built there.
    """
    folder = settings.simulated_operator
    authority = simulated_authority(settings, clock=clock)
    delay = timedelta(seconds=settings.signing.simulated_delay)
    by_hand = settings.signing.simulated_by_hand
    mssp = SimulatedMssp(folder / "prompts", authority, delay, clock, by_hand)
    remote = SimulatedRemote(folder / "released", authority, mssp)
    return SimulatedParts(mssp, SimulatedSeal(authority), remote)


def _remote(settings: Settings, operator: Mssp, clock: Clock) -> RemoteKeys:
    """Return who keeps officials' keys, if anybody does."""
    if settings.signing.remote == "csc":
        from api.signing.mssp.csc_client import CscClient  # noqa: PLC0415 - only who has it pays
        from api.signing.remote.csc import CscRemote  # noqa: PLC0415 - the same

        return CscRemote(CscClient(settings.signing.remote_csc, clock), operator)
    return AbsentRemote()


def simulated_authority(settings: Settings, *, clock: Clock = utc_now) -> SimulatedCa:
    """Return the authority that issues the demo's certificates."""
    return SimulatedCa(
        settings.simulated_operator / "authority",
        settings.is_production,
        clock,
        services=settings.trust_services.simulated_url or simulated_names.SERVICES,
    )


def simulated_trust(settings: Settings, *, clock: Clock = utc_now) -> SimulatedTrustServices:
    """Return the demo authority's TSA, OCSP responder and lists, inside this process."""
    return SimulatedTrustServices(simulated_authority(settings, clock=clock))


def _seal(settings: Settings) -> SealKeys | None:
    """Return the agencies' keys in a token, if one is configured."""
    named = settings.signing.seal
    if named.module is None:
        return None
    from api.signing.seal.pkcs11 import Pkcs11Seal, Token  # noqa: PLC0415 - only who has it pays

    pin, rsa = named.pin.get_secret_value(), Mechanism(named.rsa)
    return Pkcs11Seal(Token.at(named.module, named.token, pin, named.authorities, rsa))


def inquiry_of(settings: Settings, *, clock: Clock = utc_now) -> Inquiry:
    """Return what asks all trust services, and remembers what it learnt lately."""
    return Inquiry(trust_services(settings, clock=clock), clock, stampers(settings))


def stampers(settings: Settings) -> list[str]:
    """Return the time-stamping services, in the order in which they are tried."""
    named = settings.trust_services
    return named.timestamps or [f"{named.simulated_url or simulated_names.SERVICES}/tsa"]


def trust_services(settings: Settings, *, clock: Clock = utc_now) -> TrustServices:
    """Return the way to OCSP, CRL and time-stamping services."""
    named = settings.trust_services
    if not (named.timestamps or named.simulated_url):
        return simulated_trust(settings, clock=clock)
    from api.signing.trust.http import HttpTrustServices  # noqa: PLC0415 - only who has it pays

    hosts = [*named.hosts, *(urlsplit(each).netloc for each in stampers(settings))]
    allowed = AllowList(hosts, [str(each) for each in named.private])
    return HttpTrustServices(allowed, named.seconds)


def must_be_allowed(settings: Settings, *, demo: bool = False) -> None:
    """Refuse simulated parts and no address in production, and nodes that would not share all."""
    parts = simulated_in(settings, demo=demo) if settings.is_production else ()
    if parts:
        raise RefusedInProduction(*parts)
    if settings.is_production and not settings.http.public_url:
        raise AddressNeeded  # or a proof made for another host would be believed under its name
    shares = settings.database_url.startswith("postgresql") and settings.blobs.url.startswith(S3)
    if settings.has_nodes and not shares:
        raise NotForNodes
    if settings.has_nodes and settings.media.engine == "aiortc":
        raise MediaNotForNodes  # a room's voices would end at the borders of its nodes


async def must_fit(settings: Settings) -> None:
    """Refuse to be a node of an installation that has other keys; call it when all are made."""
    db = Database(settings.database)
    try:
        async with db.begin() as tx:
            await installation.must_be_its_keys(tx, settings.keys)
    finally:
        await db.dispose()


async def begin_anew(settings: Settings) -> tuple[int, int]:
    """After a restore let no position and no session from before count; return how many."""
    db = Database(settings.database)
    try:
        async with db.begin() as tx:
            return await streams.begin_anew(tx.session), await sessions.end_all(tx)
    finally:
        await db.dispose()


def sweep(settings: Settings) -> None:
    """Remove the half-made files that a killed server left; only who holds the folder may."""
    Desk(settings.data / "desk").sweep()
    if not settings.blobs.url:
        FileBlobs(settings.data / "blobs").sweep()


def _ocr(settings: Settings) -> Ocr:
    return TesseractOcr(settings.ocr) if settings.ocr.command else AbsentOcr()


def index_of(db: Database) -> Index:
    """Choose the index that lies in the same database as the documents."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    return SqliteFtsIndex() if is_sqlite else PostgresFtsIndex()
