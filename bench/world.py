"""A small ministry to measure with: people, phones that are logged in, tasks."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from api import migrations, wiring
from api.meetings.papers import service as papers
from api.meetings.plans import Laid
from api.tasks import service as tasks
from api.tasks.service import Directive
from api.wiring import Engines
from core import sessions
from core.clock import utc_now
from core.config import Settings
from core.db import Database
from core.devices import DeviceMove
from core.door import SOCKET_LIFETIME
from core.ids import new_id
from core.sessions import Device
from core.tokens import make_proof, public_jwk, thumbprint_of
from tests.support.correspondence import letter, received
from tests.support.gatherings import in_session, paper
from tests.support.ministry import Ministry, Person, found

#: What an official has to do.
TASKS = 20
#: On the table of a large meeting; its snapshot is some 20 KB.
PAPERS = 120


@dataclass(frozen=True)
class Handset:
    """A logged-in phone: its key, its token, its device."""

    official_id: str
    agency_id: str
    device_id: str
    access_token: str
    key: ec.EllipticCurvePrivateKey

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return what a request carries: the token, and a proof for just this request."""
        proof = make_proof(self.key, method, url, now=utc_now(), access_token=self.access_token)
        return {"Authorization": f"DPoP {self.access_token}", "DPoP": proof}


def _handset(device: Device, access_token: str, key: ec.EllipticCurvePrivateKey) -> Handset:
    return Handset(
        official_id=str(device.official_id),
        agency_id=str(device.agency_id),
        device_id=str(device.id),
        access_token=access_token,
        key=key,
    )


@asynccontextmanager
async def engines_in(folder: Path, database_url: str = "") -> AsyncGenerator[Engines]:
    """Open a migrated database and everything around it, as a server on the folder would."""
    settings = Settings(data=folder, database_url=database_url)
    folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(migrations.upgrade, settings.database)
    engines = wiring.assemble(settings)
    try:
        yield engines
    finally:
        await engines.sandbox.close()
        await engines.db.dispose()


async def give_phones(engines: Engines, person: Person, count: int = 1) -> list[Handset]:
    """Give a person approved, logged-in phones; nobody has so many, but sockets cost the same."""
    handsets = []
    async with engines.db.begin() as tx:
        for _ in range(count):
            key = ec.generate_private_key(ec.SECP256R1())
            public = public_jwk(key.public_key())
            device = Device(
                agency_id=person.agency_id, official_id=person.id, name="phone",
                thumbprint=thumbprint_of(public), public_jwk=dict(public),
                registered_at=tx.now, changed_at=tx.now,
            )  # fmt: skip
            sessions.move_device(tx, device, DeviceMove.APPROVE)
            tokens = engines.door.tokens(device, sessions.begin_session(tx, device))
            handsets.append(_handset(device, tokens.access_token, key))
    return handsets


async def give_tasks(engines: Engines, ministry: Ministry, count: int) -> None:
    """Have the leader give the officer tasks, each with a coordinator."""
    for number in range(count):
        document_id = await received(engines.db, ministry)
        async with engines.db.begin() as tx:
            deadline = tx.now + timedelta(days=2 + number)
            helpers = [(ministry.colleague.id, deadline - timedelta(days=1))]
            words = f"Tham mưu văn bản trả lời số {number}; báo cáo lãnh đạo Bộ trước hạn."
            directive = Directive(document_id, words, ministry.officer.id, helpers, deadline)
            await tasks.direct(tx, ministry.leader.actor, new_id(), directive)


async def settle(folder: Path, database_url: str = "", *, tasks: int = TASKS) -> Handset:
    """Found a ministry in a folder; return the officer's phone."""
    async with engines_in(folder, database_url) as engines:
        ministry = await found(engines.db)
        await give_tasks(engines, ministry, tasks)
        return (await give_phones(engines, ministry.officer))[0]


@dataclass(frozen=True)
class Room:
    """A meeting in session with phones that may hear it."""

    meeting_id: str
    document_id: str
    presenter_id: str
    other_id: str
    phones: list[str]

    @property
    def stream(self) -> str:
        """The room's stream."""
        return f"room:{self.meeting_id}"

    @property
    def table(self) -> str:
        """The stream of another room, with many documents on its table."""
        return f"room:{self.other_id}"

    @property
    def key(self) -> str:
        """Return what the server under test is told of it."""
        return f"{self.meeting_id},{self.document_id},{self.presenter_id}"


async def convene(folder: Path, phones: int, database_url: str = "") -> Room:
    """Open a meeting over a document of many pages, heard by so many phones."""
    async with engines_in(folder, database_url) as engines:
        ministry = await found(engines.db)
        file = await engines.blobs.put_file(letter(folder))  # its first pages can be looked at
        meeting_id, document_id = await in_session(
            engines.db, ministry, pages=100, sha256=file.sha256
        )
        other_id, _ = await in_session(engines.db, ministry)
        for _ in range(PAPERS):
            another = await paper(engines.db, ministry)
            async with engines.db.begin() as tx:
                await papers.lay(tx, ministry.leader.actor, other_id, Laid(another))
        handsets = await give_phones(engines, ministry.officer, phones)
    devices = [handset.device_id for handset in handsets]
    return Room(
        meeting_id=str(meeting_id),
        document_id=str(document_id),
        presenter_id=str(ministry.leader.id),
        other_id=str(other_id),
        phones=devices,
    )


async def log_in_again(folder: Path, devices: Sequence[str]) -> list[Handset]:
    """Give known devices new keys and sessions, so that they can ask for tickets themselves."""
    handsets = []
    async with engines_in(folder) as engines, engines.db.begin() as tx:
        for device_id in devices:
            device = await tx.session.get_one(Device, UUID(device_id))
            key = ec.generate_private_key(ec.SECP256R1())
            device.public_jwk = dict(public_jwk(key.public_key()))
            device.thumbprint = thumbprint_of(device.public_jwk)
            tokens = engines.door.tokens(device, sessions.begin_session(tx, device))
            handsets.append(_handset(device, tokens.access_token, key))
    return handsets


async def tickets(folder: Path, devices: Sequence[str], database_url: str = "") -> list[str]:
    """Give each device a ticket for one socket, good for half a minute."""
    db = Database(Settings(data=folder, database_url=database_url).database)
    try:
        async with db.begin() as tx:
            until = tx.now + SOCKET_LIFETIME
            return [await sessions.make_ticket(tx, UUID(one), until) for one in devices]
    finally:
        await db.dispose()
