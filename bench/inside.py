"""What the parts cost without a network: the check of a token and its proof, a read, a number."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import col, select

from api.documents import service as documents
from api.documents.models import Document
from api.documents.rules import State
from api.tasks import queries
from api.wiring import Engines
from bench import world
from bench.harness import Report, is_quick, medians, note
from bench.world import Handset
from core.actor import Actor
from core.door import Asked
from core.ids import new_id
from core.sessions import Device
from tests.support.correspondence import outgoing
from tests.support.ministry import found

ROUNDS = 2 if is_quick() else 7
CALLS = 100 if is_quick() else 1000
NUMBERS = 100 if is_quick() else 1000
URL = "http://127.0.0.1/tasks"
_Call = Callable[[], Awaitable[object]]


def parts_of_a_read(report: Report, folder: Path, handset: Handset) -> None:
    """Split an authenticated GET of 20 tasks into what its parts cost alone."""
    note("house: the parts of a GET, one by one ...")
    asyncio.run(_parts_of_a_read(report, folder, handset))


async def _parts_of_a_read(report: Report, folder: Path, handset: Handset) -> None:
    async with world.engines_in(folder) as engines:
        check, verification = await check_of_a_request(engines, handset)
        against = ("one ECDSA P-256 verification", verification)
        report.add("GET of 20 tasks: its token and proof", "µs CPU", check, against=against)
        actor, _ = await engines.door.identify(_requests(handset, 1)[0])
        await _list(report, engines, actor)


async def check_of_a_new_token(engines: Engines, handset: Handset) -> float:
    """Return what a check costs when the token is seen for the first time, as after a refresh."""
    async with engines.db.read() as view:
        device = await view.session.get_one(Device, UUID(handset.device_id))
    requests: list[Asked] = []

    async def check() -> object:
        return await engines.door.identify(requests.pop())

    async def checks() -> float:
        for _ in range(CALLS):
            token = engines.door.tokens(device, "").access_token
            requests.extend(_requests(replace(handset, access_token=token), 1))
        return await _cost(check)

    return (await medians(ROUNDS, {"check": checks}))["check"]


async def check_of_a_request(engines: Engines, handset: Handset) -> tuple[float, float]:
    """Return what a check costs, each with a proof of its own, and what its signature costs."""
    message, algorithm = b"x" * 300, ec.ECDSA(hashes.SHA256())
    signature, key = handset.key.sign(message, algorithm), handset.key.public_key()
    requests: list[Asked] = []

    async def check() -> object:
        return await engines.door.identify(requests.pop())

    async def verify() -> object:
        return key.verify(signature, message, algorithm)

    async def checks() -> float:
        requests.extend(_requests(handset, CALLS))
        return await _cost(check)

    seen = await medians(ROUNDS, {"check": checks, "verification": lambda: _cost(verify)})
    return seen["check"], seen["verification"]


async def _list(report: Report, engines: Engines, actor: Actor) -> None:
    values = {"agency_id": actor.agency_id, "official_id": actor.id, "limit": 20}
    rows, now = await engines.db.rows(queries._OPEN, **values), engines.db.clock()
    plain = sqlite3.connect(str(engines.db.engine.url.database))

    async def read() -> object:
        return await engines.db.rows(queries._OPEN, **values)

    async def twenty_rows() -> object:
        return plain.execute("SELECT * FROM task ORDER BY deadline LIMIT 20").fetchall()

    async def write() -> object:
        return queries._written(rows, now)

    with closing(plain):
        seen = await medians(
            ROUNDS,
            {
                "read": lambda: _cost(read),
                "plain": lambda: _cost(twenty_rows),
                "json": lambda: _cost(write),
            },
        )
    against = ("sqlite3, 20 rows of one table", seen["plain"])
    report.add("GET of 20 tasks: its read", "µs CPU", seen["read"], against=against)
    report.add("GET of 20 tasks: its JSON", "µs CPU", seen["json"])


def numbers(report: Report, folder: Path) -> None:
    """Give numbers to signed documents that all ask at once; each in its own transaction."""
    note("house: numbers on SQLite, synchronous=FULL ...")
    rate, plain = asyncio.run(_numbers(folder)), _plain_numbers(folder / "plain.db")
    against = ("plain sqlite3, UPDATE and INSERT", plain)
    report.add("numbers given", "1/s", rate, against=against)


async def _numbers(folder: Path) -> float:
    async with world.engines_in(folder) as engines:
        ministry = await found(engines.db)
        first = await outgoing(engines.db, ministry, State.SIGNED)
        async with engines.db.begin() as tx:
            template = (await tx.session.get_one(Document, first)).model_dump(exclude={"id"})
            tx.session.add_all([Document(id=new_id(), **template) for _ in range(NUMBERS - 1)])
        async with engines.db.read() as view:
            signed = select(Document.id).where(col(Document.number).is_(None))
            ids = (await view.session.exec(signed)).all()

        async def give(document_id: UUID) -> None:
            async with engines.db.begin() as tx:
                await documents.allot_number(tx, ministry.clerk.actor, document_id)

        since = time.perf_counter()
        await asyncio.gather(*(give(one) for one in ids))
        return NUMBERS / (time.perf_counter() - since)


def _plain_numbers(path: Path) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA synchronous=FULL")
        plain.execute("CREATE TABLE series (last INTEGER)")
        plain.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, document TEXT)")
        plain.execute("INSERT INTO series VALUES (0)")
        since = time.perf_counter()
        for _ in range(NUMBERS):
            plain.execute("BEGIN IMMEDIATE")
            row = plain.execute("UPDATE series SET last = last + 1 RETURNING last").fetchone()
            plain.execute("INSERT INTO entry VALUES (?, ?)", (row[0], str(new_id())))
            plain.execute("COMMIT")
        return NUMBERS / (time.perf_counter() - since)


def _requests(handset: Handset, count: int) -> list[Asked]:
    made = [handset.headers("GET", URL) for _ in range(count)]
    return [Asked("GET", URL, one["Authorization"], one["DPoP"]) for one in made]


async def _cost(call: _Call) -> float:
    """Return the µs of CPU of one call."""
    since = time.process_time()
    for _ in range(CALLS):
        await call()
    return (time.process_time() - since) * 1e6 / CALLS
