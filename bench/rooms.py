"""What a room costs: a page turn until the last phone shows it, and a hall that votes."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from api.meetings import flows, service
from api.meetings.plans import Invitee, Plan
from api.meetings.rules import Form, Move, Part
from api.meetings.votes import queries
from api.meetings.votes import service as votes
from api.meetings.votes.models import Vote
from api.meetings.votes.rules import Question, Rule
from api.people import service as people
from api.people.models import Unit
from api.wiring import Engines
from bench import crowds, processes, world
from bench.fanout import BROADCAST, OURS, Runner
from bench.harness import Report, interleaved, is_quick, note, percentile
from bench.processes import PYTHON, free_port
from bench.sockets import Control, Crowd
from bench.world import Room
from core.actor import Actor
from core.ids import new_id
from tests.support.ministry import Ministry, found

#: Phones in a room, and the p99 in ms that is promised for them.
ROOMS = {50: None} if is_quick() else {500: "ours <= 50", 1000: "ours <= 120"}
ROUNDS, TURNS, PACE = (2, 5, 0.2) if is_quick() else (5, 25, 0.2)
VOTERS = 50 if is_quick() else 2000
#: How many phones vote at the same moment.
AT_ONCE = 50


def page_turns(report: Report, folder: Path, room: Room, phones: int) -> None:
    """Turn pages before a room, beside a peer that only sends: no rights, no log, no commit."""
    note(f"rooms: pages turn for {phones} phones ...")
    with ExitStack() as stack:
        ours = stack.enter_context(_ours(folder, room, phones))
        peer = stack.enter_context(_broadcast(phones))
        runners = {OURS: ours, BROADCAST: peer}
        cpu = interleaved(ROUNDS, {name: one.saturated for name, one in runners.items()})
        late = percentile([one for _ in range(ROUNDS) for one in _turns(ours)], 0.99) * 1e3
    case = f"page turn before {phones} phones"
    report.add(f"{case}: p99 from the word to the frame, committed", "ms", late, goal=ROOMS[phones])
    # Before few phones the commit is all there is to it; it is shared by many.
    goal = None if is_quick() else "ratio <= 0.8"
    against = (BROADCAST, cpu[BROADCAST])
    report.add(f"{case}: a message", "µs CPU", cpu[OURS], goal=goal, against=against)


def _turns(runner: Runner) -> Iterator[float]:
    for _ in range(TURNS):
        since = time.perf_counter()
        runner.control.publish(1)
        runner.control.published()
        yield from (arrived - since for arrived in runner.crowd.wait(crowds.EVENT))
        time.sleep(PACE)


@contextmanager
def _ours(folder: Path, room: Room, phones: int) -> Iterator[Runner]:
    hall = crowds.hall(folder, room)
    crowd = Crowd(hall.server.port)
    try:
        crowds.come_in(hall, crowd, phones)
        crowd.settle(1.0)
        yield Runner(hall.server, hall.control, crowd)
    finally:
        crowd.close()
        hall.close()


@contextmanager
def _broadcast(phones: int) -> Iterator[Runner]:
    port, control = free_port(), free_port()
    server = processes.start(
        [PYTHON, "-m", "bench.peers.broadcast", str(port), str(control)], port=port, environment={}
    )
    processes.listens(port)
    processes.listens(control)
    crowd, line = Crowd(port), Control(control)
    try:
        crowd.open("/", [""] * phones)
        crowd.settle(1.0)
        yield Runner(server, line, crowd)
    finally:
        crowd.close()
        line.close()
        server.stop(signal.SIGKILL)


def a_vote(report: Report, folder: Path) -> None:
    """Let a hall vote by name, each ballot durable before it is acknowledged."""
    note(f"rooms: {VOTERS} vote ...")
    folder.mkdir()
    whole, acks, counted = asyncio.run(_vote(folder))
    bare = _bare_commits(folder / "bare.db", VOTERS)
    case = f"open vote of {VOTERS}"
    report.add(
        f"{case}: all ballots", "s", whole, goal="ours <= 10", against=("bare commits", bare)
    )
    report.add(f"{case}: p99 acknowledgement, {AT_ONCE} at once", "ms", acks, goal="ours <= 200")
    report.add(f"{case}: ballots in the recount", "", counted, goal=f"ours >= {VOTERS}")


async def _vote(folder: Path) -> tuple[float, float, int]:
    async with world.engines_in(folder) as engines:
        ministry = await found(engines.db)
        meeting_id, voters = await _gathered(engines, ministry)
        vote_id = await _opened(engines, ministry, meeting_id)
        late: list[float] = []
        turn, room = asyncio.Semaphore(AT_ONCE), flows.Commands(engines.db)

        async def cast(voter: Actor) -> None:
            said = {"vote_id": str(vote_id), "choice": 0}
            async with turn:
                since = time.perf_counter()
                await room.do(voter, meeting_id, kind="vote.cast", key=new_id(), data=said)
                late.append(time.perf_counter() - since)

        since = time.perf_counter()
        await asyncio.gather(*(cast(one) for one in voters))
        whole = time.perf_counter() - since
        async with engines.db.begin() as tx:
            await votes.close_vote(tx, ministry.leader.actor, meeting_id, vote_id)
        async with engines.db.read() as view:
            listed = queries.ballots_of(await queries.listed(view, vote_id))
            result = (await view.session.get_one(Vote, vote_id)).result or {}
        same = len(listed) == sum(result["counts"])
        return whole, percentile(late, 0.99) * 1e3, len(listed) if same else 0


async def _gathered(engines: Engines, ministry: Ministry) -> tuple[UUID, list[Actor]]:
    agency, meeting_id = ministry.leader.agency_id, new_id()
    async with engines.db.begin() as tx:
        unit = (await tx.session.exec(select(Unit).where(Unit.agency_id == agency))).one()
        engaged = [
            people.engage(tx, unit, full_name=f"Đại biểu {number}", position="Đại biểu")
            for number in range(VOTERS)
        ]
        await tx.session.flush()
        seats = [
            Invitee(ministry.leader.id, Part.CHAIR),
            Invitee(ministry.secretary.id, Part.SECRETARY),
        ]
        seats += [Invitee(one.id) for one in engaged]
        planned = Plan("Đại hội", tx.now, seats, form=Form.BALLOT)
        await service.plan(tx, ministry.secretary.actor, meeting_id, planned)
        await service.advance(tx, ministry.leader.actor, meeting_id, Move.APPROVE)
        await service.advance(tx, ministry.secretary.actor, meeting_id, Move.INVITE)
    return meeting_id, [Actor(one.id, agency) for one in engaged]


async def _opened(engines: Engines, ministry: Ministry, meeting_id: UUID) -> UUID:
    question = Question("Thông qua?", ("Có", "Không"), Rule())
    async with engines.db.begin() as tx:
        vote = await votes.draft(tx, ministry.leader.actor, meeting_id, question)
    async with engines.db.begin() as tx:
        await votes.open_vote(tx, ministry.leader.actor, meeting_id, vote.id)
    return vote.id


def _bare_commits(path: Path, count: int) -> float:
    """Return how long so many commits of one row take, with nothing around them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA synchronous=FULL")
        plain.execute("CREATE TABLE ballot (id INTEGER PRIMARY KEY, choice INTEGER)")
        since = time.perf_counter()
        for _ in range(count):
            plain.execute("INSERT INTO ballot (choice) VALUES (0)")
        return time.perf_counter() - since
