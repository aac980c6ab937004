"""The demo ministry: entered once, through the product's own use-cases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import orjson
from fastapi import UploadFile
from rich.console import Console
from rich.progress import track

from api import wiring
from api.demo.greeting import PASSWORD
from api.demo.letters import Arriving, arriving
from api.documents import flows as documents
from api.documents.contents import Arrival
from api.documents.flows import Office
from api.documents.paper.sandboxed import write_letter
from api.meetings import service as meetings
from api.meetings.models import Meeting
from api.meetings.plans import Invitee, Plan
from api.meetings.rules import Move as MeetingMove
from api.meetings.rules import Part
from api.people import delegating
from api.people import service as people
from api.people.acting import Form, Mandate, Scope
from api.people.models import Account, Official, Unit
from api.people.passwords import hash_password
from api.tasks import service as tasks
from api.tasks.models import Task
from api.tasks.service import Directive
from api.wiring import Engines
from core import sessions
from core.actor import Actor, Role
from core.clock import VIETNAM, utc_now
from core.config import Settings
from core.db import ReadTx, Tx
from core.errors import RefusedInProduction
from core.ids import derived
from core.production import Simulated

DOCUMENTS = 200
MINISTRY = "Bộ Tài nguyên và Môi trường"
_OFFICERS = ("Đặng Thu Thảo", "Hồ Quang Minh", "Mai Thị Lụa", "Tạ Đình Phong", "Ngô Thanh Bình")


@dataclass(frozen=True, slots=True)
class People:
    """Who the demo is about."""

    leader: Actor
    clerk: Actor
    secretary: Actor
    director: Actor
    specialist: Actor


class _Calendar:
    """Lets the past be entered with its own dates."""

    def __init__(self) -> None:
        self.now: datetime | None = None

    def __call__(self) -> datetime:
        return self.now or utc_now()


async def load(settings: Settings, *, count: int = DOCUMENTS) -> None:
    """Enter the ministry: people, a SIM and a seal, letters, tasks, one meeting today."""
    if settings.is_production:
        raise RefusedInProduction(Simulated.MINISTRY)
    calendar = _Calendar()
    engines = wiring.assemble(settings, clock=calendar)
    try:
        staff = await _enter_people(engines)
        await _give_keys(engines, staff.leader.agency_id)
        letters = await _register_all(engines, staff, calendar, count)
        await _direct_some(engines, staff, letters)
        await _plan_a_meeting(engines, staff, letters)
    finally:
        await engines.sandbox.close()
        await engines.db.dispose()
    settings.demo_accounts.parent.mkdir(parents=True, exist_ok=True)
    settings.demo_accounts.write_bytes(orjson.dumps({"password": PASSWORD}))


async def _enter_people(engines: Engines) -> People:
    """Enter agencies, units, officials and accounts, all at once or not at all."""
    async with engines.db.read() as view:
        known = await _known(view)
    return known or await _enter_all(engines)


async def _known(view: ReadTx) -> People | None:
    """Return the people whom an interrupted loading has entered already."""
    names = ("bo.truong", "van.thu", "thu.ky", "vu.truong", "chuyen.vien")
    found = [await view.session.get(Account, name) for name in names]
    if not all(found):
        return None
    actors = [await sessions.owner_of(view, one.official_id) for one in found if one]
    return People(*(actor for actor in actors if actor))


async def _enter_all(engines: Engines) -> People:
    password = hash_password(PASSWORD)
    async with engines.db.begin() as tx:
        ministry = people.found_agency(
            tx, name=MINISTRY, organ_id="G13", abbreviation="BTNMT", seat="Hà Nội"
        )
        head, office, legal = (
            people.add_unit(tx, ministry, name)
            for name in ("Lãnh đạo Bộ", "Văn phòng Bộ", "Vụ Pháp chế")
        )
        enter = _Entrance(tx, password)
        leader = enter(head, "bo.truong", "Trần Quốc Ánh", "Bộ trưởng", Role.LEADER)
        staff = People(
            leader=leader,
            clerk=enter(office, "van.thu", "Lê Thị Đào", "Văn thư", Role.CLERK),
            secretary=enter(office, "thu.ky", "Phạm Thu Hà", "Thư ký", Role.SECRETARY),
            director=enter(legal, "vu.truong", "Nguyễn Văn Bưởi", "Vụ trưởng", Role.OFFICER),
            specialist=enter(legal, "chuyen.vien", "Võ Thị Sen", "Chuyên viên", Role.OFFICER),
        )
        enter(office, "quan.tri", "Đỗ Minh Quân", "Quản trị hệ thống", Role.ADMINISTRATOR)
        deputy = enter(head, "thu.truong", "Vũ Hải Nam", "Thứ trưởng", Role.LEADER)
        await _let_deputise(tx, leader, deputy)
        for number, name in enumerate(_OFFICERS, start=1):
            enter(legal, f"chuyen.vien{number}", name, "Chuyên viên", Role.OFFICER)
        _found_a_neighbour(tx, enter)
    return staff


async def _let_deputise(tx: Tx, leader: Actor, deputy: Actor) -> None:
    """Let the deputy act for the minister, and sign KT. BỘ TRƯỞNG."""
    await tx.session.flush()
    given = Mandate(leader.id, deputy.id, Form.KT, Scope.ALL)
    await delegating.delegate(tx, leader, derived("demo", "deputy"), given)


class _Entrance:
    """Enters officials with their accounts; each has a SIM of their own number."""

    def __init__(self, tx: Tx, password: str) -> None:
        self._tx = tx
        self._password = password
        self.entered: list[Official] = []

    def __call__(self, unit: Unit, account: str, name: str, position: str, role: Role) -> Actor:
        phone = f"84912{len(self.entered) + 1:06d}"
        official = people.engage(
            self._tx, unit, full_name=name, position=position, phone_number=phone
        )
        people.open_account(
            self._tx, official, account=account, password_hash=self._password, roles=[role]
        )
        self.entered.append(official)
        return Actor(official.id, official.agency_id, frozenset({role}))


def _found_a_neighbour(tx: Tx, enter: Callable[..., Actor]) -> None:
    """Enter a second agency, so that a stranger can be tried."""
    other = people.found_agency(
        tx, name="Sở Tài nguyên và Môi trường tỉnh Lai Châu", organ_id="H35.TNMT",
        abbreviation="STNMT", seat="Lai Châu",
    )  # fmt: skip
    office = people.add_unit(tx, other, "Văn phòng Sở")
    enter(office, "van.thu.so", "Lò Văn Pao", "Văn thư", Role.CLERK)


async def _give_keys(engines: Engines, ministry_id: UUID) -> None:
    """Enrol the leader's SIM with the simulated operator, and give the agency its seal."""
    parts = wiring.simulated_parts(engines.settings)
    await parts.operator.enrol("84912000001", name="Trần Quốc Ánh", organization=MINISTRY)
    await parts.seal.issue(ministry_id, MINISTRY)
    parts.operator.ca.export_trust(engines.settings.trust)


async def _register_all(
    engines: Engines, staff: People, calendar: _Calendar, count: int
) -> list[UUID]:
    office = Office(engines.db, engines.blobs, engines.sandbox, engines.desk, engines.verify)
    letters = list(arriving(count, utc_now().astimezone(VIETNAM).date()))
    registered = []
    for letter in track(letters, "Registering letters …", console=Console(stderr=True)):
        calendar.now = _morning_of(letter.day)
        registered.append(await _register(engines, office, staff, letter))
    calendar.now = None
    return registered


async def _register(engines: Engines, office: Office, staff: People, letter: Arriving) -> UUID:
    document_id = derived("demo", letter.issuer, str(letter.number))
    arrival = Arrival(
        type_code="official_letter",
        title=letter.title,
        symbol=letter.symbol,
        issuer=letter.issuer,
        presented_to=staff.leader.id,
        number=letter.number,
        issued_on=letter.day,
    )
    async with engines.desk.space() as space:
        path = space / "letter.pdf"
        await engines.sandbox.run(write_letter, dict(letter.paper), path)
        with path.open("rb") as file:
            upload = UploadFile(file, filename="letter.pdf")
            await documents.register(
                office, staff.clerk, document_id, arrival=arrival, upload=upload
            )
    return document_id


async def _direct_some(engines: Engines, staff: People, letters: list[UUID]) -> None:
    """Give a task for every eighth letter of late, some of them due today."""
    for index, document_id in enumerate(letters[-80::8]):
        async with engines.db.begin() as tx:
            task_id = derived("demo", "task", document_id)
            if await tx.session.get(Task, task_id) is not None:
                continue
            deadline = tx.now + timedelta(days=index, hours=6)
            directive = Directive(
                document_id,
                "Nghiên cứu, tham mưu văn bản trả lời; báo cáo Bộ trưởng.",
                staff.director.id,
                [(staff.specialist.id, deadline - timedelta(hours=2))],
                deadline,
                followers=[staff.secretary.id],
            )
            await tasks.direct(tx, staff.leader, task_id, directive)


async def _plan_a_meeting(engines: Engines, staff: People, letters: list[UUID]) -> None:
    """Plan a meeting this afternoon and invite its people."""
    async with engines.db.begin() as tx:
        meeting_id = derived("demo", "meeting")
        if await tx.session.get(Meeting, meeting_id) is not None:
            return
        clerk_reads = replace(staff.secretary, roles=frozenset({Role.SECRETARY, Role.CLERK}))
        today = tx.now.astimezone(VIETNAM).date()
        plan = Plan(
            "Giao ban tuần: quy hoạch sử dụng đất và quan trắc môi trường",
            datetime.combine(today, time(14, 0), VIETNAM).astimezone(UTC),
            [Invitee(staff.leader.id, Part.CHAIR), Invitee(staff.secretary.id, Part.SECRETARY),
             Invitee(staff.director.id), Invitee(staff.specialist.id)],
            letters[-3:],
        )  # fmt: skip
        meeting = await meetings.plan(tx, clerk_reads, meeting_id, plan)
        await tx.session.flush()
        await meetings.advance(tx, staff.leader, meeting.id, MeetingMove.APPROVE)
        await meetings.advance(tx, staff.secretary, meeting.id, MeetingMove.INVITE)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, time(8, 30), VIETNAM).astimezone(UTC)
