"""Relays for phones that reach nothing else: our passwords open them, and end by themselves."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
)
from pydantic import ValidationError

from api.demo.phone import Phone
from api.meetings.media.rules import credentials
from api.wiring import Engines
from core.db import Database
from core.media import Media, Turn
from tests.support.calls import PATIENCE, connected, offering
from tests.support.clock import Clock
from tests.support.coturn import SECRET, coturn
from tests.support.gatherings import TO_INVITED, called
from tests.support.ministry import Ministry, Person
from tests.support.namespaces import Namespace, namespace

As = Callable[[Person], Awaitable[Phone]]
URL = "turn:relay.example:3478"


def test_a_relay_without_a_secret_is_no_setting() -> None:
    with pytest.raises(ValidationError):
        Turn.model_validate({"urls": [URL]})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_people_of_the_meeting_are_given_the_relays_and_nobody_else(
    db: Database, ministry: Ministry, as_: As, engines: Engines, clock: Clock
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    path = f"/meetings/{meeting_id}/ice-servers"
    member, outsider = await as_(ministry.officer), await as_(ministry.clerk)
    assert (await member.get(path)).json() == {"ice_servers": [], "expires_at": None}

    engines.settings.media = Media.model_validate(
        {"ice_servers": ["stun:s.example"], "turn": {"urls": [URL], "secret": SECRET}}
    )
    answer = await member.get(path)

    told = credentials(SECRET, meeting_id, ministry.officer.id, clock(), timedelta(minutes=10))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["ice_servers"] == [
        {"urls": ["stun:s.example"], "username": None, "credential": None},
        {"urls": [URL], "username": told.username, "credential": told.password},
    ]
    assert (await outsider.send("GET", path)).status_code == 404


@pytest.fixture(scope="module")
def network() -> Iterator[Namespace]:
    with namespace() as made:
        yield made


@pytest.fixture(scope="module")
def relay(network: Namespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with coturn(network, tmp_path_factory.mktemp("coturn")) as url:
        yield url


def relayed(url: str, secret: str, now: datetime) -> RTCPeerConnection:
    """Return a peer that may use the relay and nothing else."""
    told = credentials(secret, uuid4(), uuid4(), now, timedelta(minutes=10))
    server = RTCIceServer(url, username=told.username, credential=told.password)
    policy = RTCIceTransportPolicy.RELAY
    return RTCPeerConnection(RTCConfiguration(iceServers=[server], iceTransportPolicy=policy))


@pytest.mark.engines
async def test_a_phone_that_reaches_nothing_else_talks_over_the_relay(
    network: Namespace, relay: str
) -> None:
    echoed: asyncio.Queue[str] = asyncio.Queue()
    async with offering(network.outside), asyncio.timeout(PATIENCE):
        here = relayed(relay, SECRET, datetime.now(UTC))
        there = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        there.on("datachannel", lambda channel: channel.on("message", channel.send))
        channel = here.createDataChannel("words")
        channel.on("open", lambda: channel.send("qua trạm"))
        channel.on("message", echoed.put_nowait)
        await here.setLocalDescription(await here.createOffer())
        await there.setRemoteDescription(here.localDescription)
        await there.setLocalDescription(await there.createAnswer())
        await here.setRemoteDescription(there.localDescription)
        await connected(here)
        heard = await echoed.get()
        assert here.sctp is not None
        pair = here.sctp.transport.transport._connection._nominated[1]
        await here.close()
        await there.close()

    assert heard == "qua trạm"
    assert pair.protocol.local_candidate.type == "relay"


@pytest.mark.engines
@pytest.mark.parametrize(
    ("secret", "age"), [("another secret", timedelta()), (SECRET, timedelta(hours=2))]
)
async def test_a_wrong_or_expired_password_opens_no_relay(
    network: Namespace, relay: str, secret: str, age: timedelta
) -> None:
    async with offering(network.outside), asyncio.timeout(PATIENCE):
        here = relayed(relay, secret, datetime.now(UTC) - age)
        here.createDataChannel("words")
        await here.setLocalDescription(await here.createOffer())
        offered = here.localDescription.sdp
        await here.close()

    assert "a=candidate" not in offered
