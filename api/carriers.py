"""What carries bytes, events, voices and push: this process itself, or what the settings name."""

from collections.abc import Sequence

from api.gate import CapabilityGate
from core.blobs.files import FileBlobs
from core.blobs.port import Blobs
from core.bus.local import LocalBus
from core.bus.port import Bus
from core.clock import Clock
from core.config import Settings
from push.gateway.port import Gateway
from push.gateway.recorded import RecordedGateway
from push.gateway.webpush import Sender, WebPushGateway
from push.ways import Ways
from realtime.connection import Realtime
from realtime.hub import Hub
from realtime.limits import Limits
from realtime.log import DatabaseLog
from realtime.media.null import NullEngine
from realtime.media.port import Engine
from realtime.pictures import Album
from realtime.showing import Showing
from realtime.stage import Stage
from realtime.texts.shelf import Shelf

S3 = "s3://"


def realtime_of(
    settings: Settings, gate: CapabilityGate, album: Album, bus: Bus, clock: Clock
) -> Realtime:
    """Return the sockets with their streams and the media of their rooms."""
    log, limits = DatabaseLog(gate.db), Limits()
    hub = Hub(log, bus, limits, clock=clock)
    stage = Stage(_media(settings), gate, hub, clock, limits.media)
    showing = Showing(gate, hub, clock)
    return Realtime(gate, log, hub, stage, showing, album, limits, clock)


def texts_of(gate: CapabilityGate, bus: Bus, clock: Clock) -> Shelf:
    """Return the texts that several people write at once."""
    return Shelf(gate, bus, clock=clock)


def _media(settings: Settings) -> Engine:
    if settings.media.engine == "null":
        return NullEngine()
    if settings.media.engine == "janus":
        from realtime.media.janus import JanusEngine  # noqa: PLC0415 - the same
        from realtime.media.janus_rooms import Address  # noqa: PLC0415 - the same

        address, is_alone = Address.of(settings.media.janus), not settings.has_nodes
        return JanusEngine(address, settings.media.janus.recordings, is_alone=is_alone)
    from realtime.media.aiortc import AiortcEngine  # noqa: PLC0415 - only who has it pays

    settings.recordings.mkdir(parents=True, exist_ok=True)
    return AiortcEngine(settings.media.address, settings.recordings)


def gateways_of(settings: Settings) -> list[Gateway]:
    """Return the real ways to phones that are configured."""
    named, found = settings.push, list[Gateway]()
    proxy = named.proxy.get_secret_value()
    if named.fcm.credentials is not None:
        from push.gateway.fcm import FcmAccount, FcmGateway  # noqa: PLC0415 - only who has it pays

        found.append(FcmGateway(FcmAccount(named.fcm.credentials, named.fcm.url, proxy)))
    if named.webpush.contact:
        key, web = settings.keys / "vapid.pem", named.webpush
        sender = Sender(key, web.contact, web.allowed_networks, web.ca, proxy)
        found.append(WebPushGateway(sender))
    return found


def recorded_of(settings: Settings) -> RecordedGateway:
    """Return the provider that keeps what phones would have got."""
    folder = settings.common / "simulated-push"
    return RecordedGateway(folder, is_production=settings.is_production)


def ways_of(gateways: Sequence[Gateway]) -> Ways:
    """Return how a phone may be reached."""
    kinds = frozenset(kind for gateway in gateways for kind in gateway.kinds)
    for one in gateways:
        if isinstance(one, WebPushGateway):
            return Ways(kinds, one.public_key, one.guard.must_be_an_endpoint)
    return Ways(kinds)


def bus_of(settings: Settings) -> Bus:
    """Return what wakes the sockets, of this process or of all nodes."""
    here = LocalBus()
    if not settings.has_nodes:
        return here
    from core.bus.nats import NatsBus, NatsServers  # noqa: PLC0415 - only nodes pay for it

    named = settings.bus
    return NatsBus(NatsServers(named.url.get_secret_value(), named.subject, named.ca), here)


def blobs_of(settings: Settings) -> Blobs:
    """Return where the bytes of files lie."""
    named = settings.blobs
    if not named.url:
        return FileBlobs(settings.data / "blobs")
    from core.blobs.s3 import Bucket, S3Blobs  # noqa: PLC0415 - only nodes pay for it

    bucket, _, prefix = named.url.removeprefix(S3).partition("/")
    return S3Blobs(
        Bucket(
            bucket,
            prefix=prefix.strip("/"),
            endpoint=named.endpoint,
            region=named.region,
            access_key=named.access_key.get_secret_value(),
            secret_key=named.secret_key.get_secret_value(),
            ca=named.ca,
        )
    )
