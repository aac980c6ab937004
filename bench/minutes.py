"""What it costs to write minutes together: from a keystroke until the last of twenty sees it."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import websockets
from pycrdt import Doc, Text, create_sync_message, create_update_message, handle_sync_message
from sqlmodel import select
from websockets.asyncio.client import ClientConnection
from websockets.typing import Subprotocol

from api.meetings import service
from api.meetings.plans import Invitee, Plan
from api.meetings.record import service as record
from api.meetings.rules import Form, Move, Part
from api.meetings.writing.queries import words
from api.meetings.writing.service import let_write
from api.people import service as people
from api.people.models import Unit
from bench import processes, world
from bench.harness import Report, is_quick, note, percentile
from bench.processes import NO_CAPS, PYTHON, free_port
from core.actor import Role
from core.ids import new_id
from realtime.texts.contract import PROTOCOL
from tests.support.ministry import HASH, Ministry, Person, found

EDITORS = 5 if is_quick() else 20
#: How often each writes a word, and for how long.
WORDS_PER_SECOND, SECONDS = 4, 2 if is_quick() else 20
QUIET = {"KHONGGIAY_LOGS__REQUESTS": "false"}
_MARK = re.compile(rb"<(\d{6})>")


@dataclass
class Hand:
    """One editor: its document, and when it saw each word."""

    socket: ClientConnection
    document: "Doc[Text]" = field(default_factory=Doc)
    seen: dict[int, float] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """The minutes."""
        return self.document.get("minutes", type=Text)

    async def listen(self) -> None:
        """Note every word as it comes, then apply it."""
        async for message in self.socket:
            now = time.perf_counter()
            raw = message if isinstance(message, bytes) else message.encode()
            for mark in _MARK.findall(raw):
                self.seen.setdefault(int(mark), now)
            if raw[0] == 0:
                answer = handle_sync_message(raw[1:], self.document)
                if answer is not None:
                    await self.socket.send(answer)

    async def write(self, number: int) -> float:
        """Write a word; return when."""
        before = self.document.get_state()
        text = self.text
        text.insert(len(text), f"<{number:06}> ")
        update = create_update_message(self.document.get_update(before))
        since = time.perf_counter()
        await self.socket.send(update)
        return since


def together(report: Report, folder: Path) -> None:
    """Let many write at once, and ask when each word was seen by everybody."""
    note(f"rooms: {EDITORS} write minutes ...")
    late, same, cpu = asyncio.run(_measure(folder))
    case = f"minutes, {EDITORS} editors, {EDITORS * WORDS_PER_SECOND} words a second"
    goal = None if is_quick() else "ours <= 50"
    report.add(f"{case}: p50 from the word to each other's screen, committed", "ms",
               percentile(late, 0.5) * 1e3)  # fmt: skip
    report.add(f"{case}: p99", "ms", percentile(late, 0.99) * 1e3, goal=goal)
    report.add(f"{case}: editors with the server's text after a break", "", same,
               goal=f"ours >= {EDITORS}")  # fmt: skip
    report.add(f"{case}: a word", "ms CPU", cpu)


async def _measure(folder: Path) -> tuple[list[float], int, float]:
    meeting_id, devices = await _prepared(folder)
    port = free_port()
    command = [PYTHON, "-m", "api", "serve", "--port", str(port)]
    environment = {"KHONGGIAY_DATA": str(folder), **NO_CAPS, **QUIET}
    server = processes.start(command, port=port, environment=environment).wait("/health/ready")
    try:
        async with _hands(folder, port, meeting_id, devices) as hands:
            before = server.cpu_seconds()
            sent = await _write(hands)
            cpu = (server.cpu_seconds() - before) / len(sent) * 1e3
            late = [
                hand.seen[number] - since
                for number, (since, author) in sent.items()
                for place, hand in enumerate(hands)
                if place != author
            ]
        return late, await _after_a_break(folder, port, meeting_id, devices, hands), cpu
    finally:
        server.stop(signal.SIGTERM)


async def _write(hands: list[Hand]) -> dict[int, tuple[float, int]]:
    sent: dict[int, tuple[float, int]] = {}

    async def keep_writing(author: int) -> None:
        pause = 1 / WORDS_PER_SECOND
        await asyncio.sleep(pause * author / len(hands))
        for turn in range(WORDS_PER_SECOND * SECONDS):
            number = author * 1000 + turn
            sent[number] = (await hands[author].write(number), author)
            await asyncio.sleep(pause)

    await asyncio.gather(*(keep_writing(author) for author in range(len(hands))))
    async with asyncio.timeout(60):
        while any(len(hand.seen) < len(sent) for hand in hands):  # noqa: ASYNC110 - the last few
            await asyncio.sleep(0.05)
    return sent


async def _after_a_break(
    folder: Path, port: int, meeting_id: UUID, devices: list[str], hands: list[Hand]
) -> int:
    """Let everybody write without a network, come back, and count who has the server's text."""
    for author, hand in enumerate(hands):
        hand.text.insert(0, f"[{author}] ")
    documents = [hand.document for hand in hands]
    async with _hands(folder, port, meeting_id, devices, documents) as back:
        async with asyncio.timeout(60):
            while len({str(hand.text) for hand in back}) > 1:  # noqa: ASYNC110 - they converge
                await asyncio.sleep(0.05)
        async with world.engines_in(folder) as engines, engines.db.read() as view:
            kept = await words(view, meeting_id)
        marks = all(f"[{author}]" in kept for author in range(len(back)))
        return sum(str(hand.text) == kept for hand in back) if marks else 0


@asynccontextmanager
async def _hands(
    folder: Path,
    port: int,
    meeting_id: UUID,
    devices: list[str],
    documents: "list[Doc[Text]] | None" = None,
) -> AsyncGenerator[list[Hand]]:
    url = f"ws://127.0.0.1:{port}/realtime/texts/minutes:{meeting_id}"
    hands = []
    for place, ticket in enumerate(await world.tickets(folder, devices)):
        names = [Subprotocol(PROTOCOL), Subprotocol(f"ticket.{ticket}")]
        socket = await websockets.connect(url, subprotocols=names, compression=None, proxy=None)
        hands.append(Hand(socket, documents[place] if documents else Doc()))
    listening = [asyncio.create_task(hand.listen()) for hand in hands]
    for hand in hands:
        await hand.socket.send(create_sync_message(hand.document))
    try:
        yield hands
    finally:
        for hand in hands:
            await hand.socket.close()
        await asyncio.gather(*listening, return_exceptions=True)


async def _prepared(folder: Path) -> tuple[UUID, list[str]]:
    """Close a meeting whose members all may write its minutes; return their phones."""
    async with world.engines_in(folder) as engines:
        ministry: Ministry = await found(engines.db)
        agency, meeting_id = ministry.leader.agency_id, new_id()
        async with engines.db.begin() as tx:
            unit = (await tx.session.exec(select(Unit).where(Unit.agency_id == agency))).one()
            engaged = [
                people.engage(tx, unit, full_name=f"Thư ký {number}", position="Thư ký")
                for number in range(EDITORS)
            ]
            for number, one in enumerate(engaged):
                roles = frozenset({Role.OFFICER})
                people.open_account(
                    tx, one, account=f"secretary{number}", password_hash=HASH, roles=roles
                )
            await tx.session.flush()
            seats = [
                Invitee(ministry.leader.id, Part.CHAIR),
                Invitee(ministry.secretary.id, Part.SECRETARY),
                *(Invitee(one.id) for one in engaged),
            ]
            secretary = ministry.secretary.actor
            plan = Plan("Họp", tx.now, seats, form=Form.BALLOT)
            await service.plan(tx, secretary, meeting_id, plan)
            await service.advance(tx, ministry.leader.actor, meeting_id, Move.APPROVE)
            for move in (Move.INVITE, Move.CLOSE):
                await service.advance(tx, secretary, meeting_id, move)
            await record.begin(tx, secretary, meeting_id)
            await let_write(tx, secretary, meeting_id, [one.id for one in engaged])
        phones = []
        for one in engaged:
            person = Person(one.id, agency, "", frozenset(), one.full_name)
            phones += await world.give_phones(engines, person)
    return meeting_id, [phone.device_id for phone in phones]
