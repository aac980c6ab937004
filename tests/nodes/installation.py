"""A whole installation: two nodes, a worker, PostgreSQL, NATS, S3; each process may die."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from api import wiring
from api.demo.phone import Phone
from api.people import service
from api.wiring import Engines
from core.actor import Actor, Role
from core.config import BlobStore, Settings
from core.tokens import Proof, public_jwk, thumbprint_of
from tests.support.brokers import Broker
from tests.support.ministry import PASSWORD, Ministry, Person, found
from tests.support.server import Process, Server
from tests.support.signing import enrol
from tests.support.stores import ACCESS, SECRET, S3Server

#: What phones know; which node answers is chosen anew for each request.
PUBLIC_URL = "https://office.test"
PATIENCE = 60


@dataclass
class Installation:
    """The processes, and the people who use them."""

    settings: Settings
    nodes: list[Server]
    worker: Process
    broker: Broker
    chance: random.Random = field(default_factory=random.Random)

    async def ready(self) -> None:
        """Wait until every node answers."""
        for node in self.nodes:
            await node.ready()

    def any_node(self) -> Server:
        """Choose a node that is not known to be dead."""
        return self.chance.choice([node for node in self.nodes if node.is_running])

    @asynccontextmanager
    async def engines(self) -> AsyncGenerator[Engines]:
        """Give the parts of a process that is only there to prepare or to look."""
        engines = wiring.assemble(self.settings)
        try:
            yield engines
        finally:
            await engines.db.dispose()

    async def prepare(self) -> Ministry:
        """Found the ministry, as an operator would before anybody logs in."""
        async with self.engines() as engines:
            ministry = await found(engines.db)
            await enrol(engines, ministry)
        return ministry

    async def phone(self, person: Person, balancer: "Balancer") -> Phone:
        """Give somebody an approved phone that is logged in."""
        phone = Phone(balancer, PUBLIC_URL)
        public = public_jwk(phone.key.public_key())
        proof = Proof(thumbprint_of(public), public, "prepared")
        approver = Actor(UUID(int=0), person.agency_id, frozenset({Role.ADMINISTRATOR}))
        async with self.engines() as engines, engines.db.begin() as tx:
            device = await service.enter_device(tx, person.actor, name="phone", proof=proof)
            await tx.session.flush()
            await service.approve_device(tx, approver, device.id)
        answer = await self.insist(lambda: phone.log_in(person.account, PASSWORD))
        assert answer.status_code == httpx.codes.OK, answer.text
        return phone

    async def insist(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Repeat a request until a node acknowledges or refuses it, as a phone does."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await call()
                except httpx.TransportError:
                    await asyncio.sleep(0.05)  # the node died under it
                    continue
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return answer


class Balancer:
    """What stands before the nodes: sends each request to any of them."""

    def __init__(self, installation: Installation, client: httpx.AsyncClient) -> None:
        self._installation, self._client = installation, client
        self.only: Server | None = None

    async def request(self, method: str, url: str, **options: Any) -> Any:
        node = self.only or self._installation.any_node()
        path = url.removeprefix(PUBLIC_URL)
        return await self._client.request(method, f"{node.url}{path}", **options)


def installed(folder: Path, database_url: str, broker: Broker, s3: S3Server) -> Installation:
    """Set everything up; nothing runs yet."""
    bucket = s3.bucket()
    shared = {
        "SHARED": str(folder / "shared"),
        "DATABASE_URL": database_url,
        "BLOBS__URL": f"s3://{bucket.name}/{bucket.prefix}",
        "BLOBS__ENDPOINT": bucket.endpoint,
        "BLOBS__ACCESS_KEY": ACCESS,
        "BLOBS__SECRET_KEY": SECRET,
        "BUS__URL": broker.url,
        "HTTP__PUBLIC_URL": PUBLIC_URL,
    }
    nodes = [Server(folder / name, **shared) for name in ("a", "b")]
    worker = Process(folder / "worker", "work", **shared)
    blobs = BlobStore(
        url=shared["BLOBS__URL"],
        endpoint=bucket.endpoint,
        access_key=SecretStr(ACCESS),
        secret_key=SecretStr(SECRET),
    )
    settings = Settings(
        data=folder / "prepared", shared=folder / "shared", database_url=database_url, blobs=blobs
    )
    return Installation(settings, nodes, worker, broker)
