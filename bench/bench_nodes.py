"""Several nodes: how soon what happens on one is known on the others, also after the bus was away.

Two nodes and a worker run behind PostgreSQL, NATS and S3; this process commits as a third node.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
from nats.aio.client import Client
from pydantic import SecretStr
from typing_extensions import override
from websockets.asyncio.client import ClientConnection

from api import wiring
from api.demo.phone import Phone
from api.meetings import service as meetings
from api.meetings.plans import Invitee
from api.meetings.rules import Part
from api.people import service as people
from api.wiring import Engines
from bench import world
from bench.harness import Report, is_quick, note, percentile
from core.config import BusServers
from tests.nodes.followers import Follower, Frame
from tests.nodes.installation import PUBLIC_URL, Balancer, Installation, installed
from tests.support.brokers import broker
from tests.support.databases import PostgresFactory, postgres_server
from tests.support.facts import Rang
from tests.support.gatherings import in_session
from tests.support.ministry import Ministry, Person
from tests.support.server import Server
from tests.support.stores import s3_server
from tests.support.waiting import until

DEVICES = 4 if is_quick() else 100
EVENTS = 40 if is_quick() else 1000
OUTAGE = 2.0 if is_quick() else 10.0
PACE = 0.02
#: An event that takes longer than this did not come over the bus.
QUICK_AGAIN = 0.25


def main() -> None:
    report = Report("nodes")
    with (
        tempfile.TemporaryDirectory(prefix="kg-bench-") as folder,
        running(Path(folder)) as (whole, ministry),
    ):
        asyncio.run(measure(report, whole, ministry))


@contextmanager
def running(folder: Path) -> Iterator[tuple[Installation, Ministry]]:
    """Start everything; it takes some seconds."""
    note("nodes: starting PostgreSQL, NATS, S3, two nodes and a worker ...")
    (folder / "s3").mkdir()
    with postgres_server() as postgres, broker() as nats, s3_server(folder / "s3") as s3:
        whole = installed(folder, PostgresFactory(postgres).url(folder), nats, s3)
        ministry = asyncio.run(whole.prepare())
        processes = [*whole.nodes, whole.worker]
        for process in processes:
            process.start()
        yield whole, ministry
        for process in processes:
            process.stop()


async def measure(report: Report, whole: Installation, ministry: Ministry) -> None:
    await whole.ready()
    async with (
        httpx.AsyncClient(timeout=30, trust_env=False) as client,
        third_node(whole) as engines,
    ):
        office = Office(whole, engines, ministry, Balancer(whole, client))
        await revocations(report, office)
        await removals(report, office)
        await commits(report, office)
        await an_outage(report, office)


@asynccontextmanager
async def third_node(whole: Installation) -> AsyncGenerator[Engines]:
    """Be a node of the installation, without sockets of its own."""
    bus = BusServers(url=SecretStr(whole.broker.url))
    engines = wiring.assemble(whole.settings.model_copy(update={"bus": bus}))
    in_touch = asyncio.create_task(engines.bus.run())
    await asyncio.sleep(1)
    yield engines
    in_touch.cancel()
    await asyncio.gather(in_touch, return_exceptions=True)
    await engines.db.dispose()


@dataclass(frozen=True, slots=True)
class Office:
    """The nodes, this process as a third one, and the people."""

    whole: Installation
    engines: Engines
    ministry: Ministry
    balancer: Balancer

    async def phones(self, count: int, of: Person | None = None) -> list[Phone]:
        """Give the officer, or somebody else, phones that are logged in, and know no node."""
        owner = of or self.ministry.officer
        handsets = await world.give_phones(self.engines, owner, count)
        phones = []
        for handset in handsets:
            phone = Phone(self.balancer, PUBLIC_URL)
            phone.key, phone.access_token = handset.key, handset.access_token
            phone.device_id = handset.device_id
            phones.append(phone)
        return phones

    async def status(self, node: Server, phone: Phone) -> int:
        """Return what a node answers to a phone's token."""
        self.balancer.only = node
        return int((await phone.send("GET", "/me")).status_code)


async def revocations(report: Report, office: Office) -> None:
    """From the commit of a revocation to the end of the socket, and of the token on each node."""
    note(f"nodes: {DEVICES} revocations ...")
    closed, refused = [], []
    for phone in await office.phones(DEVICES):
        follower = Timed(office.whole, phone, f"user:{office.ministry.officer.id}")
        follower.only = office.whole.nodes[0]
        following = asyncio.create_task(follower.follow())
        await until(follower.has_settled)
        for node in office.whole.nodes:
            assert await office.status(node, phone) == httpx.codes.OK
        async with office.engines.db.begin() as tx:
            await people.revoke_device(tx, office.ministry.officer.actor, UUID(phone.device_id))
        since = time.perf_counter()
        for node in office.whole.nodes:
            while await office.status(node, phone) != httpx.codes.UNAUTHORIZED:
                pass
        refused.append(time.perf_counter() - since)
        await until(follower.was_closed)
        closed.append(follower.closed_at - since)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    said = {"socket closed": closed, "token refused on both nodes": refused}
    for what, times in said.items():
        report.add(f"revocation → {what}, p99", "s", percentile(times, 0.99), goal="ours <= 1")


async def removals(report: Report, office: Office) -> None:
    """From the commit that takes somebody off a meeting to the end of its room on their phone."""
    note(f"nodes: {DEVICES} people are taken off a meeting ...")
    meeting_id, _ = await in_session(office.engines.db, office.ministry)
    secretary, guest = office.ministry.secretary.actor, office.ministry.colleague
    ended = []
    (phone,) = await office.phones(1, of=guest)
    for _ in range(DEVICES):
        follower = Timed(office.whole, phone, f"room:{meeting_id}")
        follower.only = office.whole.nodes[1]
        following = asyncio.create_task(follower.follow())
        await until(follower.has_settled)
        async with office.engines.db.begin() as tx:
            await meetings.remove_person(tx, secretary, meeting_id, guest.id)
        since = time.perf_counter()
        await until(follower.was_reset)
        ended.append(follower.reset_at - since)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        async with office.engines.db.begin() as tx:
            invitee = Invitee(guest.id, Part.GUEST)
            await meetings.add_person(tx, secretary, meeting_id, invitee)
    what = "taken off a meeting → its room is not heard any more, p99"
    report.add(what, "s", percentile(ended, 0.99), goal="ours <= 1")


async def commits(report: Report, office: Office) -> None:
    """From the commit on one node to the frame at a phone of another."""
    note(f"nodes: {EVENTS} events, one each {PACE * 1000:.0f} ms ...")
    async with listening(office) as follower:
        trips, floor = [], []
        nats = Client()
        await nats.connect(office.whole.broker.url)
        for number in range(EVENTS):
            committed = await happen(office, number)
            await until(partial(follower.has, number), patience=30)
            trips.append((follower.seen[number] - committed) * 1000)
            since = time.perf_counter()
            await nats.flush()
            floor.append((time.perf_counter() - since) * 1000)
            await asyncio.sleep(PACE)
        await nats.close()
    for share, name, goal in ((0.5, "median", None), (0.99, "p99", "ours <= 20")):
        peer = ("a round trip to the bus", percentile(floor, share))
        ours = percentile(trips, share)
        report.add(f"commit → frame on another node, {name}", "ms", ours, goal=goal, against=peer)


async def an_outage(report: Report, office: Office) -> None:
    """The bus is killed while events happen; how late they are, and when all is well again."""
    note(f"nodes: the bus is away for {OUTAGE:.0f} s ...")
    async with listening(office) as follower:
        times: dict[int, float] = {}
        over = asyncio.Event()
        happening = asyncio.create_task(keep_happening(office, times, over))
        await asyncio.sleep(1)
        office.whole.broker.kill()
        await asyncio.sleep(OUTAGE)
        office.whole.broker.start()
        back = time.perf_counter()
        await asyncio.sleep(6)
        over.set()
        await happening
        await until(lambda: follower.seen.keys() >= times.keys(), patience=30)
    late = {number: follower.seen[number] - at for number, at in times.items()}
    slow = [times[number] for number, seconds in late.items() if seconds > QUICK_AGAIN]
    report.add("events lost while the bus was away", "1", float(len(times) - len(late)),
               goal="ours <= 0")  # fmt: skip
    report.add("the latest event while the bus was away", "s", max(late.values()))
    report.add("the bus is back → caught up", "s", max(0.0, max(slow, default=back) - back),
               goal="ours <= 3")  # fmt: skip


@asynccontextmanager
async def listening(office: Office) -> AsyncGenerator["Timed"]:
    """Have a phone follow the officer's stream on the second node."""
    (phone,) = await office.phones(1)
    follower = Timed(office.whole, phone, f"user:{office.ministry.officer.id}")
    follower.only = office.whole.nodes[1]
    following = asyncio.create_task(follower.follow())
    await until(follower.has_settled)
    yield follower
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def keep_happening(office: Office, times: dict[int, float], over: asyncio.Event) -> None:
    """Let events happen, and note when each was committed."""
    while not over.is_set():
        number = len(times)
        times[number] = await happen(office, number)
        await asyncio.sleep(PACE)


async def happen(office: Office, number: int) -> float:
    """Commit an event on this node; return when."""
    async with office.engines.db.begin() as tx:
        tx.emit(Rang(rooms=(f"user:{office.ministry.officer.id}",), number=number))
    return time.perf_counter()


class Timed(Follower):
    """Notes when each event came, and when the socket was closed."""

    def __init__(self, whole: Installation, phone: Phone, *streams: str) -> None:
        super().__init__(whole, phone, *streams)
        self.seen: dict[int, float] = {}
        self.closed_at = self.reset_at = 0.0

    def has_settled(self) -> bool:
        """Say whether it hears its streams."""
        return self.is_settled

    def was_closed(self) -> bool:
        """Say whether the server has closed its socket."""
        return bool(self.closed_at)

    def was_reset(self) -> bool:
        """Say whether it was told that it may hear a stream no more."""
        return bool(self.reset_at)

    def has(self, number: int) -> bool:
        """Say whether an event has come."""
        return number in self.seen

    @override
    async def _take(self, socket: ClientConnection, frame: Frame) -> None:
        if frame["t"] == "bye":
            self.closed_at = time.perf_counter()
        elif frame["t"] == "reset":
            self.reset_at = time.perf_counter()
        elif frame.get("k") == Rang.name:
            self.seen.setdefault(frame["d"]["number"], time.perf_counter())
        await super()._take(socket, frame)


if __name__ == "__main__":
    main()
