"""Who may do what, over every route and every frame: the rulebook as a matrix, tried on all."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.demo.phone import Phone
from api.gate import CapabilityGate
from api.meetings import flows, service
from api.meetings.attendance import service as attendance
from api.meetings.floor import service as floor
from api.meetings.floor.rules import Kind
from api.meetings.invitations import service as invitations
from api.meetings.invitations.rules import Reply
from api.meetings.papers import queries as papers_of
from api.meetings.papers import service as papers
from api.meetings.papers.rules import ItemMove
from api.meetings.plans import Invitee, Laid, Line, Plan
from api.meetings.record import service as record
from api.meetings.rules import Form, Move, Part
from api.meetings.votes import service as votes
from api.meetings.votes.rules import Question, Rule
from api.meetings.writing.errors import WrongWriters
from api.meetings.writing.rules import name_of
from api.meetings.writing.service import let_write
from api.wiring import Engines
from core.errors import AppError, NotFound
from core.ids import new_id
from tests.api.meetings.test_live import Dial, dial, url
from tests.journeys.test_meeting import more_people
from tests.support.gatherings import paper
from tests.support.ministry import Ministry, Person

__all__ = ["dial", "url"]  # fixtures

As = Callable[[Person], Awaitable[Phone]]
CONTRACT = Path(__file__).parents[3] / "openapi" / "v1.json"
SPOKEN = CONTRACT.with_name("realtime-v1.json")
NOT_YOURS = "meetings.not_your_part"

EVERYBODY = "CSPMDG"
#: Operation -> who may: Chair, Secretary, Presenter of the item, Member, Delegate, Guest.
#: Whoever takes no part, the operator of the machines among them, is told that there is nothing.
ROUTES = {
    "accept_invitation": EVERYBODY,
    "add_person": "CS",
    "annul_vote": "CS",
    "approve_meeting": "C",
    "archive_meeting": "CS",
    "begin_item": "CS",
    "begin_minutes": "S",
    "cancel_meeting": "CS",
    "cast_ballot": "CPMD",
    "cast_signed_ballot": "CPMD",
    "check_in": EVERYBODY,
    "check_in_by_hand": "CS",
    "check_out_by_hand": "CS",
    "close_meeting": "CS",
    "close_vote": "CS",
    "comment_minutes": "CSPM",
    "conclude_item": "CS",
    "decline_invitation": EVERYBODY,
    "decrypt_vote": EVERYBODY,
    "defer_item": "CS",
    "delegate_invitation": EVERYBODY,
    "draft_notice": "S",
    "draft_vote": "CS",
    "drop_conclusion": "S",
    "freeze_minutes": "S",
    "invite": "CS",
    "lay_document": "CSP",
    "leave_meeting": EVERYBODY,
    "list_comments": "CSPM",
    "list_conclusions": "CSPMD",
    "list_credentials": EVERYBODY,
    "list_notes": EVERYBODY,
    "list_recordings": "CSPMD",
    "note_handout": EVERYBODY,
    "open_check_in": "CS",
    "open_meeting": "CS",
    "open_vote": "CS",
    "pause_meeting": "CS",
    "postpone_meeting": "CS",
    "prepare_vote": "CS",
    "publish_document": "CS",
    "publish_vote": "CS",
    "read_access_log": "CS",
    "read_attendance": EVERYBODY,
    "read_ballots": EVERYBODY,
    "read_ceremony": EVERYBODY,
    "read_floor": EVERYBODY,
    "read_ice_servers": EVERYBODY,
    "read_invitation": EVERYBODY,
    "read_meeting": EVERYBODY,
    "read_minutes": "CSPMD",
    "read_progress": "CS",
    "read_recording": "CSPMD",
    "read_recording_log": "CS",
    "read_table_page": EVERYBODY,
    "read_vote": EVERYBODY,
    "recall_delegate": EVERYBODY,
    "record_conclusion": "S",
    "remove_person": "CS",
    "renew_document": "CS",
    "reschedule_meeting": "CS",
    "resume_meeting": "CS",
    "return_minutes": "C",
    "review_minutes": "S",
    "see_invitation": EVERYBODY,
    "set_agenda": "CS",
    "set_floor": "CS",
    "set_writers": "S",
    "show_check_in_code": "CS",
    "start_recording": "C",
    "stop_recording": "C",
    "take_ceremony_step": EVERYBODY,
    "withdraw_document": "CS",
    "withdraw_item": "CS",
    "write_minutes": "S",
}
FRAMES = {
    "floor.admit": "CS",
    "floor.ask": EVERYBODY,
    "floor.end": "CS",
    "floor.extend": "CS",
    "floor.grant": "CS",
    "floor.pause": "CS",
    "floor.resume": "CS",
    "floor.start": "CS",
    "floor.withdraw": "CS",
    "note.drop": EVERYBODY,
    "note.put": "CSPMD",
    "note.submit": "CPMD",
    "page.turn": "SP",
    "presenter.hand": "CSP",
    "vote.annul": "CS",
    "vote.cast": "CPMD",
    "vote.close": "CS",
    "vote.open": "CS",
    "vote.publish": "CS",
}
#: What is kept nowhere: between phones, to the media engine, shown in passing, a page's bytes.
PASSING = {
    "ink.draw": "P",
    "media.connect": EVERYBODY,
    "media.leave": EVERYBODY,
    "media.listen": EVERYBODY,
    "media.publish": EVERYBODY,
    "picture.get": EVERYBODY,
    "pointer.move": "P",
    "rtc.answer": EVERYBODY,
    "rtc.bye": EVERYBODY,
    "rtc.ice": EVERYBODY,
    "rtc.offer": EVERYBODY,
}
NOT_NOW = {NOT_YOURS, "realtime.not_pointing", "realtime.not_let_in"}


#: The shared text of the minutes, while they are drafted.
READS_MINUTES, WRITES_MINUTES = "CSPMD", "S"


@dataclass(frozen=True)
class Hall:
    """A meeting in session with everything in it, and somebody of each kind."""

    meeting_id: UUID
    ids: dict[str, str]
    seated: dict[str, Person]
    outside: tuple[Person, ...]

    def body(self, operation: str) -> dict[str, Any] | None:
        """What is sent: something that makes sense."""
        other, lead = self.ids["official_id"], self.ids["document_id"]
        bodies: dict[str, dict[str, Any]] = {
            "add_person": {"official_id": other},
            "cast_ballot": {"choice": 0},
            "cast_signed_ballot": {"choice": 0},
            "check_in": {},
            "check_in_by_hand": {"reason": "quên máy"},
            "comment_minutes": {"words": "đồng ý"},
            "decrypt_vote": {"factors": "{}"},
            "delegate_invitation": {"official_id": other},
            "draft_vote": {"question": "Đồng ý?"},
            "list_credentials": {"credentials": ["2"]},
            "lay_document": {"document_id": lead, "item_id": self.ids["item_id"]},
            "record_conclusion": {"words": "Thống nhất"},
            "reschedule_meeting": {"place": "Phòng B"},
            "set_agenda": {"items": []},
            "set_floor": {},
            "set_writers": {"official_ids": []},
            "take_ceremony_step": {"said": "{}"},
            "write_minutes": {"text": "Nội dung", "version": 1},
        }
        return bodies.get(operation)

    def target(self) -> dict[str, Any]:
        """A place on a page."""
        selector = {"type": "TextQuoteSelector", "exact": "Kính gửi"}
        return {
            "source": self.ids["document_id"], "revision": str(new_id()), "page": 0,
            "selector": selector,
        }  # fmt: skip

    def passing(self, kind: str, peer: str) -> dict[str, Any]:
        """What is said in a frame that is kept nowhere: something that makes sense."""
        on_page = {"document_id": self.ids["document_id"], "page": 0}
        sdp = {"sdp": "v=0\r\n"}
        said: dict[str, dict[str, Any]] = {
            "ink.draw": on_page | {"stroke": str(new_id()), "points": []},
            "media.connect": sdp,
            "media.publish": sdp,
            "picture.get": on_page | {"page": 99},
            "pointer.move": on_page,
            "rtc.answer": sdp | {"to": peer},
            "rtc.bye": {"to": peer},
            "rtc.ice": {"to": peer, "candidate": ""},
            "rtc.offer": sdp | {"to": peer},
        }
        return said.get(kind, {})

    def said(self, kind: str) -> dict[str, Any]:
        """What is said in a frame: something that makes sense."""
        turn, vote = {"turn_id": self.ids["turn_id"]}, {"vote_id": self.ids["vote_id"]}
        special: dict[str, dict[str, Any]] = {
            "floor.ask": {},
            "floor.extend": turn | {"seconds": 60},
            "note.drop": {"note_id": str(new_id())},
            "note.submit": {"note_id": str(new_id())},
            "note.put": {"id": str(new_id()), "layer": "shared", "target": self.target()},
            "page.turn": {"document_id": self.ids["document_id"], "page": 1},
            "presenter.hand": {"official_id": str(self.seated["P"].id)},
            "vote.cast": vote | {"choice": 0},
        }
        return special.get(kind, vote if kind.startswith("vote.") else turn)


@pytest.fixture
async def hall(engines: Engines, ministry: Ministry) -> Hall:
    db = engines.db
    presenter, member, speaker, other = await more_people(db, ministry)
    delegate, guest = ministry.clerk, ministry.colleague
    chair, secretary = ministry.leader.actor, ministry.secretary.actor
    document_id, meeting_id = await paper(db, ministry), new_id()
    people = [
        Invitee(chair.id, Part.CHAIR, votes=True), Invitee(secretary.id, Part.SECRETARY),
        Invitee(presenter.id), Invitee(member.id), Invitee(speaker.id),
        Invitee(ministry.officer.id), Invitee(guest.id, Part.GUEST),
    ]  # fmt: skip
    async with db.begin() as tx:
        plan = Plan("Họp kín", tx.now, people, form=Form.HYBRID)
        await service.plan(tx, secretary, meeting_id, plan)
        line = Line("Một", 5, reporter_id=presenter.id, guests=[guest.id])
        await papers.set_agenda(tx, secretary, meeting_id, [line])
        await service.advance(tx, chair, meeting_id, Move.APPROVE)
        await service.advance(tx, secretary, meeting_id, Move.INVITE)
        (item,) = await papers_of.items(tx, meeting_id)
        await papers.lay(tx, chair, meeting_id, Laid(document_id, item.id))
        await invitations.delegate(tx, ministry.officer.actor, meeting_id, delegate.id)
    async with db.begin() as tx:
        await invitations.answer(tx, delegate.actor, meeting_id, Reply.ACCEPT)
        for move in (Move.CHECK_IN, Move.OPEN):
            await service.advance(tx, secretary, meeting_id, move)
        await papers.move_item(tx, chair, meeting_id, item.id, ItemMove.BEGIN)
        await service.hand_over(tx, chair, meeting_id, presenter.id)
        await attendance.check_in(tx, speaker.actor, meeting_id, None)
        turn = await floor.ask(tx, speaker.actor, meeting_id, Kind.SPEECH)
        asked = Question("Đồng ý?", ("Có", "Không"), Rule())
        vote = await votes.draft(tx, chair, meeting_id, asked)
    seated = {
        "C": ministry.leader, "S": ministry.secretary, "P": presenter, "M": member,
        "D": delegate, "G": guest,
    }  # fmt: skip
    ids = {
        "meeting_id": meeting_id, "item_id": item.id, "document_id": document_id,
        "official_id": other.id, "vote_id": vote.id, "turn_id": turn.id,
        "conclusion_id": new_id(), "page": 99, "step": "certificate", "track_id": new_id(),
    }  # fmt: skip
    outside = (ministry.administrator, ministry.stranger, other)
    return Hall(meeting_id, {name: str(one) for name, one in ids.items()}, seated, outside)


def operations() -> dict[str, tuple[str, str]]:
    """Every operation on one meeting: its method and path."""
    paths = json.loads(CONTRACT.read_text("utf-8"))["paths"]
    return {
        one["operationId"]: (method, path)
        for path, methods in paths.items()
        if path.startswith("/meetings/{meeting_id}")
        for method, one in methods.items()
    }


def test_the_matrix_knows_every_route_and_every_frame() -> None:
    assert set(ROUTES) == set(operations())
    assert set(FRAMES) == set(flows.COMMANDS)
    spoken = json.loads(SPOKEN.read_text("utf-8"))["x-commands"]
    assert set(FRAMES) | set(PASSING) == set(spoken)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_route_lets_those_through_whom_the_rulebook_names(hall: Hall, as_: As) -> None:
    phones = {letter: await as_(person) for letter, person in hall.seated.items()}
    wrong = []
    for operation, (method, path) in sorted(operations().items()):
        for letter, phone in phones.items():
            answer = await phone.send(
                method.upper(), path.format(**hall.ids), json=hall.body(operation)
            )
            refused = answer.status_code == 403 and answer.json()["type"] == NOT_YOURS
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (operation, answer.text)
            assert '"malformed"' not in answer.text, (operation, answer.text)
            if refused == (letter in ROUTES[operation]):
                wrong.append((operation, letter, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_frame_is_taken_from_those_whom_the_rulebook_names(
    hall: Hall, engines: Engines
) -> None:
    gate, wrong = CapabilityGate(engines.db), []
    for kind, allowed in FRAMES.items():
        for letter, person in hall.seated.items():
            code = await answer_to(gate, person, hall, kind)
            if (code == NOT_YOURS) == (letter in allowed):
                wrong.append((kind, letter, code))

    assert wrong == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_passes_is_taken_from_those_whom_the_rulebook_names(
    hall: Hall, dial: Dial
) -> None:
    room, wrong = f"room:{hall.meeting_id}", []
    for letter, person in hall.seated.items():
        phone = await dial(person)
        assert (await phone.hear(room))["t"] == "ok"
        for kind, allowed in PASSING.items():
            said = hall.passing(kind, phone.peer)
            code = (await phone.ask({"t": "cmd", "k": kind, "s": room, "d": said})).get("code")
            assert code != "malformed", kind
            if (code in NOT_NOW) == (letter in allowed):
                wrong.append((kind, letter, code))

    assert wrong == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_passes_from_or_to_whoever_takes_no_part(hall: Hall, dial: Dial) -> None:
    for person in hall.outside:
        phone = await dial(person)
        for room in (f"room:{hall.meeting_id}", f"room:{new_id()}"):
            assert (await phone.hear(room))["code"] == "not_found"
            for kind in PASSING:
                said = {"t": "cmd", "k": kind, "s": room, "d": hall.passing(kind, phone.peer)}
                assert (await phone.ask(said))["code"] == "realtime.not_listening"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_minutes_are_read_and_written_by_those_whom_the_rulebook_names(
    hall: Hall, engines: Engines
) -> None:
    gate, text = CapabilityGate(engines.db), name_of(hall.meeting_id)
    secretary = hall.seated["S"].actor
    assert not any([await gate.may_read(one.actor, text) for one in hall.seated.values()])
    async with engines.db.begin() as tx:
        await votes.annul(tx, secretary, hall.meeting_id, UUID(hall.ids["vote_id"]))
        await service.advance(tx, secretary, hall.meeting_id, Move.CLOSE)
        await record.begin(tx, secretary, hall.meeting_id)

    assert await who_reads(gate, hall, text) == READS_MINUTES
    assert await who_writes(gate, hall, text) == WRITES_MINUTES
    for letter in set(READS_MINUTES) - set(WRITES_MINUTES):
        async with engines.db.begin() as tx:
            await let_write(tx, secretary, hall.meeting_id, [hall.seated[letter].id])
        assert set(await who_writes(gate, hall, text)) == {*WRITES_MINUTES, letter}
    with pytest.raises(WrongWriters):
        async with engines.db.begin() as tx:
            await let_write(tx, secretary, hall.meeting_id, [hall.seated["G"].id])
    async with engines.db.begin() as tx:
        await record.review(tx, secretary, hall.meeting_id)
    assert await who_writes(gate, hall, text) == ""
    assert await who_reads(gate, hall, text) == READS_MINUTES
    for person in hall.outside:
        assert not await gate.may_read(person.actor, text)
        assert isinstance(await gate.refusal(person.actor, text), NotFound)


async def who_reads(gate: CapabilityGate, hall: Hall, text: str) -> str:
    letters = [x for x, one in hall.seated.items() if await gate.may_read(one.actor, text)]
    return "".join(letters)


async def who_writes(gate: CapabilityGate, hall: Hall, text: str) -> str:
    letters = [x for x, one in hall.seated.items() if not await gate.refusal(one.actor, text)]
    return "".join(letters)


async def answer_to(gate: CapabilityGate, person: Person, hall: Hall, kind: str) -> str:
    room = f"room:{hall.meeting_id}"
    try:
        await gate.command(person.actor, kind, room, new_id(), hall.said(kind))
    except AppError as refusal:
        return refusal.code
    return "ok"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whoever_takes_no_part_learns_from_nothing_that_there_is_a_meeting(
    hall: Hall, as_: As, engines: Engines
) -> None:
    gate, room = CapabilityGate(engines.db), f"room:{hall.meeting_id}"
    nowhere = {**hall.ids, "meeting_id": str(new_id())}
    for person in hall.outside:
        phone = await as_(person)
        for operation, (method, path) in operations().items():
            said = hall.body(operation)
            answers = [
                await phone.send(method.upper(), path.format(**ids), json=said)
                for ids in (hall.ids, nowhere)
            ]
            assert [one.status_code for one in answers] == [404, 404], operation
            told = [answers[0].text, answers[1].text.replace(nowhere["meeting_id"],
                                                             hall.ids["meeting_id"])]  # fmt: skip
            assert told[0] == told[1], operation
        for kind in FRAMES:
            assert await answer_to(gate, person, hall, kind) == "not_found"
        assert not await gate.may_hear(person.actor, room)
        assert (await phone.get("/meetings")).json() == []
