"""Push: how many messages a worker sends while a provider errs, and how soon an urgent one leaves.

The worker's own loop is this process, on the server's core, so that its stalls can be seen; the
provider speaks FCM HTTP v1 on the other core. Pauses that the provider asks for are passed by
moving the worker's clock.
"""

import asyncio
import gc
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import httpx
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import col, func, select

from api import migrations
from api.documents.events import DocumentRegistered
from api.words import words_of
from bench import processes
from bench.harness import Report, is_quick, note, percentile
from bench.processes import PYTHON, SERVER_CORE, Server, free_port
from core.actor import Role
from core.clock import utc_now
from core.config import Settings
from core.db import Database
from core.devices import DeviceState
from core.ids import new_id
from core.sessions import Device, Principal
from core.tokens import base64url
from push import service as push
from push.dispatcher import Dispatcher
from push.gateway.fcm import FcmAccount, FcmGateway
from push.models import PushAddress, PushMessage
from push.rules import HEAD_START, AddressKind, Precedence, State
from tests.support.correspondence import received
from tests.support.facts import Rang
from tests.support.ministry import Ministry, found

#: Phones, and what happens to all of them: so many messages are due at once.
PHONES, FACTS = (100, 4) if is_quick() else (200, 60)
URGENT = 10 if is_quick() else 200
#: How the provider answers a twentieth of the phones each; `once_` means the first time alone.
REFUSALS = (
    "gone", "other", "bad", "once_busy", "once_apple", "once_down", "once_resting", "once_broken",
)  # fmt: skip
#: What becomes of a message in the end, by how the provider answers its phone.
ENDS = {"gone": State.GONE, "other": State.GONE, "bad": State.DEAD}
#: Longer than any pause that the provider asks for, and than eight of ours.
LONG = timedelta(minutes=10)
ROUNDS = 20
URGENT_TOKEN = "urgent-0001"
PROBE = 0.001
#: With a part of the work, in seconds.
PATIENCE = 240


class Alerted(Rang):
    """An alert: it leaves at once."""

    name: ClassVar[str] = "people.session_ended"


@dataclass
class Clock:
    """The worker's clock: the real one, moved on by hand."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Tell the time."""
        return utc_now() + self.ahead


@dataclass
class Probe:
    """How late a loop comes back to whoever sleeps for a millisecond, in ms."""

    late: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            since = time.perf_counter()
            await asyncio.sleep(PROBE)
            self.late.append((time.perf_counter() - since - PROBE) * 1000)


def main() -> None:
    report = Report("push")
    os.sched_setaffinity(0, {SERVER_CORE})
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    for name, rich in (("an id alone", False), ("words sealed for each phone", True)):
        with tempfile.TemporaryDirectory(prefix="kg-bench-") as temporary:
            folder = Path(temporary)
            provider = _provider(folder)
            try:
                asyncio.run(_measure(report, folder, provider, name, rich=rich))
            finally:
                provider.stop(signal.SIGKILL)


def _provider(folder: Path) -> Server:
    port = free_port()
    command = [PYTHON, "-m", "bench.peers.fcm", str(port), str(folder)]
    server = processes.start(command, port=port)
    os.sched_setaffinity(server.pid, {processes.CLIENT_CORE})
    processes.listens(port)
    return server


async def _measure(
    report: Report, folder: Path, provider: Server, name: str, *, rich: bool
) -> None:
    note(f"push: {PHONES * FACTS} messages with {name} ...")
    settings, clock = Settings(data=folder), Clock()
    await asyncio.to_thread(migrations.upgrade, settings.database)
    db = Database(settings.database, clock=clock, listeners=(push.note,))
    gateway = FcmGateway(FcmAccount(folder / "fcm-account.json", provider.url))
    try:
        ministry = await found(db)
        tokens = await _give_phones(db, ministry, rich=rich)
        dispatcher, probe = Dispatcher(db, [gateway], words_of), Probe()
        async with working(dispatcher, probe):
            await _urgent(db, provider, 1)  # libraries are loaded with the first message
            await _let_it_ring(db, ministry, list(tokens))
            clock.ahead += HEAD_START
            gc.collect()
            gc.freeze()  # as `khonggiay serve` and `work` do
            probe.late.clear()
            rate, late = await _send(db, provider)
        async with working(dispatcher, Probe()):
            await _settle(db, clock)
        told = await _told(provider)
        lost, doubled = await _compare(db, tokens, told["taken"])
    finally:
        await db.dispose()
    _report(report, name, rate, probe.late, late)
    report.add(f"messages lost, with {name}", "1", lost, goal="ours <= 0")
    report.add(f"messages doubled, with {name}", "1", doubled, goal="ours <= 0")


def _report(
    report: Report, name: str, rate: float, stalls: Sequence[float], late: Sequence[float]
) -> None:
    case = f"{len(REFUSALS)} kinds of refusals at 5 % each and a slow token, {name}"
    report.add(f"messages sent, {case}", "1/s", rate, goal="ours >= 250")
    report.add(f"the loop's longest stall, {case}", "ms", max(stalls), goal="ours <= 20")
    report.add(f"the loop's stalls, p99.9, {case}", "ms", percentile(stalls, 0.999))
    report.add(
        f"urgent: commit → request at the provider, p99, {case}", "ms",
        percentile(late, 0.99) * 1000, goal="ours <= 500",
    )  # fmt: skip


@asynccontextmanager
async def working(dispatcher: Dispatcher, probe: Probe) -> AsyncGenerator[None]:
    """Let the dispatcher work, and look at its loop."""
    tasks = [asyncio.create_task(one) for one in (dispatcher.run(), probe.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _give_phones(db: Database, ministry: Ministry, *, rich: bool) -> dict[UUID, str]:
    """Give clerks one phone each; return how the provider answers them, by official."""
    tokens = {new_id(): f"{_word(number)}-{number}" for number in range(PHONES)}
    keys = _keys() if rich else {}
    everybody = tokens | {ministry.officer.id: URGENT_TOKEN}
    async with db.begin() as tx:
        for official_id, token in everybody.items():
            agency_id, device = ministry.officer.agency_id, new_id()
            if official_id in tokens:
                tx.session.add(
                    Principal(official_id=official_id, agency_id=agency_id, roles=[Role.CLERK])
                )
            tx.session.add(
                Device(
                    id=device, agency_id=agency_id, official_id=official_id, name="phone",
                    thumbprint=device.hex, public_jwk={}, state=DeviceState.APPROVED,
                    registered_at=tx.now, changed_at=tx.now, session_id=new_id(),
                )
            )  # fmt: skip
            tx.session.add(
                PushAddress(
                    device_id=device, agency_id=agency_id, official_id=official_id,
                    kind=AddressKind.FCM_TOKEN, value=token, rich=rich, updated_at=tx.now, **keys,
                )
            )  # fmt: skip
    return tokens


def _word(number: int) -> str:
    """Choose how the provider answers a phone: a twentieth for each refusal, one slow phone."""
    if number == PHONES - 1:
        return "slow"
    place = number % 20
    return REFUSALS[place] if place < len(REFUSALS) else "phone"


def _keys() -> dict[str, str]:
    point = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return {"p256dh": base64url(point), "auth": base64url(os.urandom(16))}


async def _let_it_ring(db: Database, ministry: Ministry, officials: list[UUID]) -> None:
    document_id = await received(db, ministry, title="Về việc rà soát quy hoạch sử dụng đất " * 4)
    for number in range(FACTS):
        async with db.begin() as tx:
            tx.emit(
                DocumentRegistered(
                    document_id=document_id, tells=tuple(officials), by=ministry.clerk.id,
                    arrival_number=number, presented_to=ministry.leader.id, held=False,
                )
            )  # fmt: skip


async def _send(db: Database, provider: Server) -> tuple[float, list[float]]:
    """Wait until each message was tried; meanwhile send urgent ones. Return rate and delays."""
    since, before = time.perf_counter(), await _asked(provider)
    urgent = asyncio.create_task(_urgent(db, provider, URGENT))
    await _until_none(partial(_untried, db), every=0.25, patience=PATIENCE)
    rate = (await _asked(provider) - before) / (time.perf_counter() - since)
    late = await urgent
    await _until_none(partial(_in_hand, db), every=0.25, patience=PATIENCE)
    return rate, late


async def _urgent(db: Database, provider: Server, count: int) -> list[float]:
    """Let urgent things happen one after the other; return from commit to request, in seconds."""
    async with db.read() as view:
        owner = select(PushAddress.official_id).where(PushAddress.value == URGENT_TOKEN)
        official_id = (await view.session.exec(owner)).one()
    committed, before = [], len((await _told(provider))["came"])
    async with httpx.AsyncClient(base_url=provider.url, trust_env=False) as client:
        for number in range(before, before + count):
            async with db.begin() as tx:
                tx.emit(Alerted(number=number, rooms=(), rings=(official_id,)))
            committed.append(time.monotonic())

            async def ahead(number: int = number) -> int:
                """Count what has not come yet."""
                return number + 1 - int((await client.get(f"/count/{URGENT_TOKEN}")).json())

            await _until_none(ahead, every=0.02, patience=PATIENCE)
    came = (await _told(provider))["came"][before:]
    return [there - here for here, there in zip(committed, came, strict=True)]


async def _settle(db: Database, clock: Clock) -> None:
    """Move the clock past the pauses until nothing waits any more."""
    for _ in range(ROUNDS):
        clock.ahead += LONG
        await _until_none(partial(_due, db), every=0.25, patience=PATIENCE)
        if not await _waiting(db):
            return
    raise RuntimeError("messages still wait")


async def _until_none(
    count: Callable[[], Awaitable[int]], *, every: float, patience: float
) -> None:
    async with asyncio.timeout(patience):
        while await count():  # noqa: ASYNC110 - what is waited for happens in the database
            await asyncio.sleep(every)


async def _untried(db: Database) -> int:
    async with db.read() as view:
        reached = col(PushMessage.device_id).in_(select(PushAddress.device_id))
        first = select(func.count()).where(
            PushMessage.state == State.WAITING, PushMessage.attempt == 0, reached,
            col(PushMessage.precedence) > Precedence.AT_ONCE,
        )  # fmt: skip
        return (await view.session.exec(first)).one()


async def _waiting(db: Database) -> int:
    async with db.read() as view:
        waiting = select(func.count()).where(PushMessage.state == State.WAITING)
        return (await view.session.exec(waiting)).one()


async def _in_hand(db: Database) -> int:
    async with db.read() as view:
        leased = select(func.count()).where(col(PushMessage.leased_until).is_not(None))
        return (await view.session.exec(leased)).one()


async def _due(db: Database) -> int:
    async with db.read() as view:
        due = select(func.count()).where(
            PushMessage.state == State.WAITING, col(PushMessage.next_at) <= view.now
        )
        return (await view.session.exec(due)).one()


async def _asked(provider: Server) -> int:
    return int((await _told(provider))["asked"])


async def _told(provider: Server) -> Any:
    async with httpx.AsyncClient(base_url=provider.url, trust_env=False, timeout=60) as client:
        return (await client.get(f"/told/{URGENT_TOKEN}")).json()


async def _compare(
    db: Database, tokens: dict[UUID, str], taken: dict[str, int]
) -> tuple[float, float]:
    """Count what the provider has not got although it would take it, and what it has got twice."""
    async with db.read() as view:
        found = (await view.session.exec(select(PushMessage))).all()
    ends = {one.id: ENDS.get(tokens.get(one.official_id, "").partition("-")[0]) for one in found}
    wrong = [one for one in found if one.state is not (ends[one.id] or State.SENT)]
    missing = [one for one in found if ends[one.id] is None and str(one.id) not in taken]
    note(f"  ended: {dict(Counter(one.state for one in found))}")
    return float(len({one.id for one in (*wrong, *missing)})), float(
        sum(times - 1 for times in taken.values())
    )


if __name__ == "__main__":
    main()
