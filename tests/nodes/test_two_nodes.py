"""Two nodes and a worker behind NATS, PostgreSQL and S3: one office, whichever node answers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from api.demo.phone import Phone
from realtime.frames import Code
from tests.nodes.followers import Follower
from tests.nodes.installation import Balancer, Installation
from tests.support.correspondence import form, letter
from tests.support.gatherings import in_session
from tests.support.ministry import Ministry
from tests.support.waiting import until, until_found

PAGES = 20
pytestmark = [pytest.mark.engines, pytest.mark.story]


async def test_what_one_node_takes_in_the_other_shows_and_the_worker_works_on(
    installation: Installation, ministry: Ministry, balancer: Balancer, tmp_path: Path
) -> None:
    here, there = installation.nodes
    clerk = await installation.phone(ministry.clerk, balancer)
    pdf = letter(tmp_path).read_bytes()
    files = {"file": ("letter.pdf", pdf, "application/pdf")}

    balancer.only = here
    document = (await clerk.post("/documents/incoming", data=form(ministry), files=files)).json()
    balancer.only = there
    shown = await clerk.get(f"/documents/{document['id']}/file")

    assert shown.content == pdf

    async def is_found() -> bool:
        found = await clerk.get("/lookup", params={"q": document["title"]})
        return document["id"] in json.dumps(found.json())

    await until_found(is_found)


@pytest.mark.parametrize("bus_is_there", [True, False])
async def test_a_device_that_is_revoked_on_one_node_is_shut_out_of_all(
    installation: Installation, ministry: Ministry, balancer: Balancer, *, bus_is_there: bool
) -> None:
    administrator = await installation.phone(ministry.administrator, balancer)
    phone = await installation.phone(ministry.officer, balancer)
    follower = Follower(installation, phone, f"user:{ministry.officer.id}")
    follower.only = installation.nodes[1]
    following = asyncio.create_task(follower.follow())
    await until(lambda: follower.is_settled)
    assert await statuses(installation, phone, balancer) == [200, 200]
    if not bus_is_there:
        installation.broker.kill()
    balancer.only = installation.nodes[0]

    await administrator.post(f"/devices/{phone.device_id}/revoke")
    await until(lambda: bool(follower.closed_with))

    assert follower.closed_with[0] == Code.REVOKED
    assert await statuses(installation, phone, balancer) == [401, 401]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def statuses(installation: Installation, phone: Phone, balancer: Balancer) -> list[int]:
    """Return what each node answers to a phone's token."""
    answers = []
    for node in installation.nodes:
        balancer.only = node
        answers.append((await phone.send("GET", "/me")).status_code)
    balancer.only = None
    return answers


async def test_a_phone_that_moves_to_another_node_leaves_its_older_socket(
    installation: Installation, ministry: Ministry, balancer: Balancer
) -> None:
    phone = await installation.phone(ministry.officer, balancer)
    older, newer = (Follower(installation, phone, f"user:{ministry.officer.id}") for _ in range(2))
    older.only, newer.only = installation.nodes
    first = asyncio.create_task(older.follow())
    await until(lambda: older.is_settled)

    second = asyncio.create_task(newer.follow())
    await until(lambda: bool(older.closed_with))
    first.cancel()

    assert older.closed_with[0] == Code.REPLACED
    await until(lambda: newer.is_settled)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)


class Meeting:
    """A room that many phones follow while its pages turn."""

    def __init__(self, installation: Installation, ministry: Ministry, balancer: Balancer) -> None:
        self._installation, self._ministry, self._balancer = installation, ministry, balancer
        self.followers: list[Follower] = []
        self.turns = 0

    async def begin(self, phones: int) -> None:
        """Open the room, and give each participant some phones that follow it."""
        async with self._installation.engines() as engines:
            ids = await in_session(engines.db, self._ministry, pages=PAGES)
        self.id, self.document_id = ids
        for number in range(phones):
            people = self._ministry
            person = (people.leader, people.secretary, people.officer, people.colleague)[number % 4]
            phone = await self._installation.phone(person, self._balancer)
            streams = (f"room:{self.id}", f"user:{person.id}")
            self.followers.append(Follower(self._installation, phone, *streams))

    async def turn_pages(self, until_over: asyncio.Event) -> None:
        """Have the chair turn a page again and again; each turn is acknowledged once."""
        chair = self.followers[0]
        while not until_over.is_set():
            page = self.turns % PAGES
            said = await chair.command(
                f"room:{self.id}", "page.turn", document_id=str(self.document_id), page=page
            )
            assert said["t"] == "ok", said
            self.turns += 1

    async def drop_phones(self, until_over: asyncio.Event) -> None:
        """Let phones lose the network, one after the other."""
        while not until_over.is_set():
            self._installation.chance.choice(self.followers).drop()
            await asyncio.sleep(self._installation.chance.uniform(0.02, 0.2))

    async def everybody_has_everything(self) -> None:
        """Every phone ends with the whole of its streams, and every turn happened once."""
        async with self._installation.engines() as engines:
            log = engines.realtime.log
            marks = {
                stream: (mark.epoch, mark.seq)
                for follower in self.followers
                for stream in follower.streams
                for mark in [await log.mark(stream)]
            }
        await until(
            lambda: all(f.places == {s: marks[s] for s in f.streams} for f in self.followers),
            patience=30,
        )
        turned = self.followers[1].heard[f"room:{self.id}"].count("meeting.page_turned")
        assert turned == self.turns


async def live_through(
    installation: Installation, meeting: Meeting, chaos: Any, *, phones: int
) -> None:
    over = asyncio.Event()
    await meeting.begin(phones)
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(one.follow()) for one in meeting.followers]
        await until(lambda: all(one.is_settled for one in meeting.followers), patience=30)
        turning = group.create_task(meeting.turn_pages(over))
        dropping = group.create_task(meeting.drop_phones(over))
        await chaos()
        over.set()
        await asyncio.gather(turning, dropping)
        await installation.ready()
        await meeting.everybody_has_everything()
        for task in following:
            task.cancel()


async def test_a_node_that_is_killed_and_a_bus_that_is_away_lose_nothing(
    installation: Installation, ministry: Ministry, balancer: Balancer
) -> None:
    meeting = Meeting(installation, ministry, balancer)

    async def chaos() -> None:
        installation.nodes[0].kill()
        installation.broker.kill()
        installation.nodes[0].start()
        await installation.ready()
        installation.broker.start()
        await asyncio.sleep(0.5)

    await live_through(installation, meeting, chaos, phones=6)

    assert sum(one.connections for one in meeting.followers) > 10
    assert meeting.turns > 5


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_thirty_kills_of_nodes_bus_and_worker_lose_nothing(
    installation: Installation, ministry: Ministry, balancer: Balancer
) -> None:
    meeting, chance = Meeting(installation, ministry, balancer), installation.chance

    async def chaos() -> None:
        victims: list[Any] = [*installation.nodes, installation.worker, installation.broker]
        for _ in range(30):
            victim = chance.choice(victims)
            victim.kill()
            await asyncio.sleep(chance.uniform(0, 2))
            victim.start()
            await installation.ready()
            await asyncio.sleep(chance.uniform(0, 2))

    await live_through(installation, meeting, chaos, phones=12)


@pytest.mark.parametrize("bus_is_there", [True, False])
async def test_whoever_is_taken_off_a_meeting_hears_its_room_no_more_on_any_node(
    installation: Installation, ministry: Ministry, balancer: Balancer, *, bus_is_there: bool
) -> None:
    async with installation.engines() as engines:
        meeting_id, _ = await in_session(engines.db, ministry, pages=PAGES)
    secretary = await installation.phone(ministry.secretary, balancer)
    phone = await installation.phone(ministry.officer, balancer)
    follower = Follower(installation, phone, f"room:{meeting_id}", f"user:{ministry.officer.id}")
    follower.only = installation.nodes[1]
    following = asyncio.create_task(follower.follow())
    await until(lambda: follower.is_settled)
    if not bus_is_there:
        installation.broker.kill()
    balancer.only = installation.nodes[0]

    gone = await secretary.send("DELETE", f"/meetings/{meeting_id}/people/{ministry.officer.id}")
    assert gone.status_code == 200, gone.text
    await until(lambda: bool(follower.resets), patience=5)  # rights are looked at every minute

    assert follower.resets == [{"t": "reset", "s": f"room:{meeting_id}", "why": "gone"}]
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
