"""A small ministry behind a real server that may die at any moment."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from api import wiring
from api.demo.phone import Phone
from api.people import service
from core.actor import Actor, Role
from core.config import Settings
from core.tokens import Proof, public_jwk, thumbprint_of
from tests.support.databases import SqliteFactory
from tests.support.ministry import PASSWORD, Ministry, Person, found
from tests.support.server import Server
from tests.support.signing import enrol
from tests.support.tap import Tap

PARTS = ("leader", "clerk", "secretary", "officer")


@dataclass
class World:
    """The server, its people's phones, and everything that was acknowledged."""

    server: Server
    folder: Path
    ministry: Ministry
    phones: dict[str, Phone]
    acknowledged: dict[str, str] = field(default_factory=dict)

    async def post(self, who: str, path: str, **options: Any) -> Any:
        """Send a change until it is acknowledged; it has one effect, however often it is sent."""
        key = {"Idempotency-Key": str(uuid4())}
        phone = self.phones[who]
        answer = await self._insist(
            who, lambda: phone.send("POST", path, headers=dict(key), **options)
        )
        assert answer.status_code < httpx.codes.BAD_REQUEST, (path, answer.text)
        return answer.json() if answer.content else None

    async def put(self, who: str, path: str, **options: Any) -> Any:
        """Put something in its place until that is acknowledged."""
        phone = self.phones[who]
        answer = await self._insist(who, lambda: phone.send("PUT", path, **options))
        assert answer.status_code < httpx.codes.BAD_REQUEST, (path, answer.text)
        return answer.json() if answer.content else None

    async def sign(self, who: str, request: dict[str, Any]) -> None:
        """Say yes to a signature request until it is acknowledged."""
        paper = (await self.get(who, f"/documents/{request['document_id']}")).json()
        phone, key = self.phones[who], {"Idempotency-Key": str(uuid4())}
        answer = await self._insist(
            who, lambda: phone.sign(request["id"], paper["file"]["sha256"], headers=dict(key))
        )
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    async def get(self, who: str, path: str) -> Any:
        """Read something, however long that takes."""
        phone = self.phones[who]
        answer = await self._insist(who, lambda: phone.send("GET", path))
        assert answer.status_code == httpx.codes.OK, (path, answer.text)
        return answer

    async def fresh(self, who: str) -> Phone:
        """Give a phone whose tokens are good."""
        await self.get(who, "/me")
        return self.phones[who]

    async def _insist(self, who: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Ask until the server answers; tokens live five minutes, a long siege lives longer."""
        answer = await self.server.insist(call)
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            return answer
        await self.server.insist(self.phones[who].refresh)
        return await self.server.insist(call)


@asynccontextmanager
async def world(
    folder: Path,
    sqlite: SqliteFactory,
    tap: Tap | None = None,
    *,
    settings: Mapping[str, str] | None = None,
) -> AsyncGenerator[World]:
    """Prepare a data folder, start a server on it, and log everybody in, through a tap if any."""
    folder.mkdir(exist_ok=True)
    sqlite.url(folder)
    ministry = await _prepare(folder)
    server = Server(folder, **(settings or {}))
    url = tap.in_front_of(server) if tap else server.url
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        phones = {part: Phone(client, url) for part in PARTS}
        await _approve(folder, ministry, phones)
        server.start()
        try:
            await server.ready()
            for part, phone in phones.items():
                await phone.log_in(getattr(ministry, part).account, PASSWORD)
            yield World(server, folder, ministry, phones)
        finally:
            server.stop()


async def _prepare(folder: Path) -> Ministry:
    engines = wiring.assemble(Settings(data=folder))
    ministry = await found(engines.db)
    await enrol(engines, ministry)
    await engines.db.dispose()
    return ministry


async def _approve(folder: Path, ministry: Ministry, phones: dict[str, Phone]) -> None:
    """Register and approve the phones' keys, as an administrator would have done before."""
    engines = wiring.assemble(Settings(data=folder))
    for part, phone in phones.items():
        person: Person = getattr(ministry, part)
        public = public_jwk(phone.key.public_key())
        proof = Proof(thumbprint_of(public), public, "prepared")
        approver = Actor(UUID(int=0), person.agency_id, frozenset({Role.ADMINISTRATOR}))
        async with engines.db.begin() as tx:
            device = await service.enter_device(tx, person.actor, name="phone", proof=proof)
            await tx.session.flush()
            await service.approve_device(tx, approver, device.id)
    await engines.db.dispose()


def chance_of_murder() -> random.Random:
    """Return what decides when a server dies; `KHONGGIAY_TEST_SEED` repeats a run."""
    seed = int(os.environ.get("KHONGGIAY_TEST_SEED") or random.randrange(10**6))
    print(f"KHONGGIAY_TEST_SEED={seed}")  # noqa: T201 - shown when the test fails
    return random.Random(seed)


async def murder_now(server: Server) -> None:
    """Kill the server, and start it again."""
    server.kill()
    server.start()
    await server.ready()


@asynccontextmanager
async def killing(
    server: Server, chance: random.Random, *, most: int, longest: float = 2.5
) -> AsyncGenerator[None]:
    """Kill the server at random moments, and start it again each time."""

    async def murder() -> None:
        while server.kills < most:
            await asyncio.sleep(chance.uniform(0.05, longest))
            await murder_now(server)

    murderer = asyncio.create_task(murder())
    try:
        yield
    finally:
        murderer.cancel()
        with suppress(asyncio.CancelledError):
            await murderer
        await server.ready()
