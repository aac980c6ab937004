"""A small ministry to measure with: people, phones that are logged in, tasks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from api import migrations, wiring
from api.tasks import service as tasks
from api.tasks.service import Directive
from api.wiring import Engines
from core import sessions
from core.clock import utc_now
from core.config import Settings
from core.devices import DeviceMove
from core.ids import new_id
from core.sessions import Device
from core.tokens import make_proof, public_jwk, thumbprint_of
from tests.support.correspondence import received
from tests.support.ministry import Ministry, Person, found


@dataclass(frozen=True)
class Handset:
    """A logged-in phone: its key, its token, its device."""

    device_id: str
    access_token: str
    key: ec.EllipticCurvePrivateKey

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Return what a request carries: the token, and a proof for just this request."""
        proof = make_proof(self.key, method, url, now=utc_now(), access_token=self.access_token)
        return {"Authorization": f"DPoP {self.access_token}", "DPoP": proof}


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
            handsets.append(Handset(str(device.id), tokens.access_token, key))
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


async def settle(folder: Path, database_url: str = "", *, tasks: int = 20) -> Handset:
    """Found a ministry in a folder; return the officer's phone."""
    async with engines_in(folder, database_url) as engines:
        ministry = await found(engines.db)
        await give_tasks(engines, ministry, tasks)
        return (await give_phones(engines, ministry.officer))[0]
