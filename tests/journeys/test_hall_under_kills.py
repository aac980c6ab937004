"""A meeting whose server dies and whose network is lost: nobody misses or repeats a thing."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from api import wiring
from api.meetings import service
from api.meetings.attendance import service as attendance
from api.meetings.papers import service as papers
from api.meetings.plans import Invitee, Laid, Plan
from api.meetings.rules import Form, Move, Part
from api.meetings.votes import service as votes
from api.meetings.votes.models import VoteBallot
from api.meetings.votes.rules import Question, Rule
from api.people import service as people
from api.people.models import Unit
from api.wiring import Engines
from core import streams
from core.actor import Role
from core.clock import utc_now
from core.config import Settings
from core.db import Database, Tx
from core.ids import new_id
from tests.journeys.attendee import Attendee, Heard
from tests.journeys.world import chance_of_murder, killing
from tests.support.answers import rows
from tests.support.databases import SqliteFactory
from tests.support.gatherings import paper
from tests.support.ministry import HASH, Person, found, phone_of
from tests.support.network import Network, network
from tests.support.server import Server

pytestmark = pytest.mark.story

PAGES, ENDLESS = 5, 10**6
#: What the chair does while everybody else hears nothing.
UNHEARD = 12
#: How wrong each phone's clock is, in seconds; and how far their timers may be apart.
WRONG, APART = 1234.5, 0.25
CHOICES = ("Có", "Không")


@dataclass
class Hall:
    """A meeting in session: the chair beside the server, everybody else behind a network."""

    server: Server
    network: Network
    chair: Attendee
    members: list[Attendee]
    document_id: UUID
    vote_id: UUID
    turned: int = 0

    @property
    def everybody(self) -> list[Attendee]:
        return [self.chair, *self.members]

    async def turn(self) -> None:
        """Show the next page."""
        page, self.turned = self.turned % PAGES, self.turned + 1
        await self.chair.say("page.turn", document_id=str(self.document_id), page=page)

    async def speak(self, speaker: Attendee) -> None:
        """Let somebody speak."""
        turn = {"turn_id": (await speaker.say("floor.ask"))["turn_id"]}
        await self.chair.say("floor.grant", **turn)
        await speaker.say("floor.start", **turn)
        await speaker.say("floor.end", **turn)

    async def timers(self, speaker: Attendee) -> list[float]:
        """Let somebody speak; return how many seconds each phone shows that they have left."""
        turn = {"turn_id": (await speaker.say("floor.ask"))["turn_id"]}
        await self.chair.say("floor.grant", **turn)
        await speaker.say("floor.start", **turn)
        await asyncio.gather(*(one.sees_a_speech() for one in self.everybody))
        shown = [one.rest() for one in self.everybody]
        await speaker.say("floor.end", **turn)
        return shown

    async def vote(self) -> list[int]:
        """Let everybody vote by name at once; return what they were told that they chose."""
        vote = {"vote_id": str(self.vote_id)}
        await self.chair.say("vote.open", **vote)
        cast = (
            one.say("vote.cast", choice=number % 2, **vote)
            for number, one in enumerate(self.members)
        )
        told = await asyncio.gather(*cast)
        await self.chair.say("vote.close", **vote)
        await self.chair.say("vote.publish", **vote)
        return [one["choice"] for one in told]


@asynccontextmanager
async def hall_of(members: int, folder: Path, sqlite: SqliteFactory) -> AsyncGenerator[Hall]:
    sqlite.url(folder)
    engines = wiring.assemble(Settings(data=folder))
    server = Server(folder, RATES__ENABLED="false")
    try:
        async with network() as between, httpx.AsyncClient(timeout=30, trust_env=False) as client:
            away = between.in_front_of(server)
            ids, seated = await _convened(engines, members)
            urls = [server.url] + [away] * members
            phones = [
                await phone_of(engines, client, utc_now, person, url)
                for person, url in zip(seated, urls, strict=True)
            ]
            server.start()
            await server.ready()
            room, document_id, vote_id = ids
            line = [
                Attendee(*one, room, wrong=number * WRONG)
                for number, one in enumerate(zip(phones, urls, strict=True))
            ]
            await asyncio.gather(*(one.is_in() for one in line))
            yield Hall(server, between, line[0], line[1:], document_id, vote_id)
            await asyncio.gather(*(one.close() for one in line))
    finally:
        server.stop()
        await engines.sandbox.close()
        await engines.db.dispose()


async def _convened(engines: Engines, members: int) -> tuple[tuple[str, UUID, UUID], list[Person]]:
    """Open a meeting of so many, with a paper on its table and a question for the vote."""
    ministry = await found(engines.db)
    document_id, meeting_id = await paper(engines.db, ministry, pages=PAGES), new_id()
    chair, secretary = ministry.leader.actor, ministry.secretary.actor
    async with engines.db.begin() as tx:
        seated = [await _engaged(tx, chair.agency_id, number) for number in range(members)]
        invited = [Invitee(chair.id, Part.CHAIR), Invitee(secretary.id, Part.SECRETARY)]
        invited += [Invitee(one.id) for one in seated]
        plan = Plan("Đại hội", tx.now, invited, form=Form.ONLINE)
        await service.plan(tx, secretary, meeting_id, plan)
        await service.advance(tx, chair, meeting_id, Move.APPROVE)
        for move in (Move.INVITE, Move.CHECK_IN, Move.OPEN):
            await service.advance(tx, secretary, meeting_id, move)
        await papers.lay(tx, chair, meeting_id, Laid(document_id))
    async with engines.db.begin() as tx:
        for one in seated:
            await attendance.check_in(tx, one.actor, meeting_id, None)
        asked = Question("Thông qua?", CHOICES, Rule())
        vote = await votes.draft(tx, chair, meeting_id, asked)
    return (f"room:{meeting_id}", document_id, vote.id), [ministry.leader, *seated]


async def _engaged(tx: Tx, agency_id: UUID, number: int) -> Person:
    unit = (await tx.session.exec(select(Unit).where(Unit.agency_id == agency_id))).one()
    name, account, roles = f"Đại biểu {number}", f"delegate{number}", frozenset({Role.OFFICER})
    official = people.engage(tx, unit, full_name=name, position="Đại biểu")
    people.open_account(tx, official, account=account, password_hash=HASH, roles=roles)
    return Person(official.id, agency_id, account, roles, name)


async def log_of(folder: Path, room: str) -> list[Heard]:
    """Everything that happened in the room, as the database has it."""
    db = Database(Settings(data=folder).database)
    async with db.read() as view:
        entries = await streams.read_after(view.session, room, 0, limit=ENDLESS)
    await db.dispose()
    return [Heard(one.seq, one.name, str(one.id)) for one in entries]


async def everybody_has_heard_everything(hall: Hall, folder: Path) -> list[Heard]:
    log = await log_of(folder, hall.chair.room)
    assert [one.seq for one in log] == list(range(1, len(log) + 1))
    await asyncio.gather(*(one.has_heard(len(log)) for one in hall.everybody))
    for one in hall.everybody:
        assert one.heard == log[-len(one.heard) :]
    return log


async def _meet(
    folder: Path, sqlite: SqliteFactory, *, members: int, kills: int, losses: int
) -> None:
    chance = chance_of_murder()
    async with hall_of(members, folder, sqlite) as hall:
        begun = len(await log_of(folder, hall.chair.room))
        speeches = 0
        async with killing(hall.server, chance, most=kills):
            chosen = await hall.vote()
            while hall.server.kills < kills or not speeches:
                await hall.turn()
                await hall.speak(chance.choice(hall.members))
                speeches += 1
        for _ in range(losses):
            hall.network.lose()
            for _ in range(UNHEARD):
                await hall.turn()
            hall.network.mend()
            await hall.speak(chance.choice(hall.members))
            speeches += 1

        log = await everybody_has_heard_everything(hall, folder)

    assert all(len(one.heard) == len(log) - begun for one in hall.everybody)
    names = [one.name for one in log[begun:]]
    assert names.count("meeting.page_turned") == hall.turned
    assert names.count("meeting.floor_asked") == speeches
    assert names.count("meeting.floor_moved") == 3 * speeches
    assert names.count("meeting.vote_published") == 1
    db = Database(Settings(data=folder).database)
    ballots = await rows(db, VoteBallot)
    await db.dispose()
    assert chosen == [number % 2 for number in range(members)]
    assert sorted(one.choice for one in ballots) == sorted(chosen)


async def test_phones_whose_clocks_are_wrong_show_the_same_rest(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    async with hall_of(4, tmp_path, sqlite) as hall:
        shown = await hall.timers(hall.members[0])

    assert max(shown) - min(shown) <= APART
    assert all(280 < one <= 300 + APART for one in shown)


@pytest.mark.timeout(300)
async def test_a_meeting_of_ten_outlives_kills_and_a_lost_network(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    await _meet(tmp_path, sqlite, members=9, kills=2, losses=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_meeting_of_a_hundred_outlives_kills_and_a_lost_network(
    tmp_path: Path, sqlite: SqliteFactory
) -> None:
    await _meet(tmp_path, sqlite, members=99, kills=12, losses=3)
