"""Ten people meet without paper: from the draft of the meeting to signed minutes and tasks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from api.demo.phone import Phone
from api.documents.models import Revision
from api.gate import CapabilityGate
from api.meetings.record.flows import Keeping, follow_signature
from api.meetings.record.models import Conclusion
from api.meetings.votes.rules import Ballot, Base, Electorate, Rule, digest_of, tally
from api.people import service as people
from api.people.models import Unit
from api.signing import service as signing
from api.tasks.models import Task
from api.wiring import Engines
from core.actor import Role
from core.db import Database
from core.ids import new_id
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.correspondence import letter, send_in
from tests.support.ministry import HASH, Ministry, Person
from tests.support.signing import consent, enrol, the_request, work

As = Callable[[Person], Awaitable[Phone]]
NAMES = ("Hồ Văn Chanh", "Mai Thị Lê", "Đinh Văn Mận", "Tô Thị Quýt")
DAY = timedelta(days=1)


async def more_people(db: Database, ministry: Ministry) -> list[Person]:
    """Engage four officials more, so that ten of the agency can meet."""
    found = []
    async with db.begin() as tx:
        ours = select(Unit).where(Unit.agency_id == ministry.leader.agency_id)
        unit = (await tx.session.exec(ours)).one()
        for number, name in enumerate(NAMES):
            official = people.engage(tx, unit, full_name=name, position="Chuyên viên")
            account, roles = f"official{number}", frozenset({Role.OFFICER})
            people.open_account(tx, official, account=account, password_hash=HASH, roles=roles)
            found.append(Person(official.id, official.agency_id, account, roles, name))
    return found


class Hall:
    """A meeting as its people use it: HTTP by their phones, commands in its room."""

    def __init__(self, engines: Engines, as_: As, meeting_id: str) -> None:
        self.path = f"/meetings/{meeting_id}"
        self.room = f"room:{meeting_id}"
        self._gate, self._as = CapabilityGate(engines.db), as_
        self._phones: dict[UUID, Phone] = {}

    async def phone(self, person: Person) -> Phone:
        if person.id not in self._phones:
            self._phones[person.id] = await self._as(person)
        return self._phones[person.id]

    async def refresh(self) -> None:
        """Take up the sessions again after a while."""
        for phone in self._phones.values():
            await phone.refresh()

    async def post(self, person: Person, step: str, **said: Any) -> Any:
        answer = await (await self.phone(person)).post(f"{self.path}/{step}", json=said)
        return answer.json() if answer.content else None

    async def put(self, person: Person, step: str, **said: Any) -> Any:
        phone = await self.phone(person)
        answer = await phone.send("PUT", f"{self.path}/{step}", json=said)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, person: Person, what: str) -> Any:
        return (await (await self.phone(person)).get(f"{self.path}/{what}")).json()

    async def say(self, person: Person, kind: str, **said: Any) -> Any:
        return await self._gate.command(person.actor, kind, self.room, new_id(), said)

    async def snapshot(self, person: Person) -> Any:
        return await self._gate.snapshot(person.actor, self.room)


def planned(ministry: Ministry, members: list[Person], clock: Clock) -> dict[str, Any]:
    seats = [
        {"official_id": str(ministry.leader.id), "part": "chair", "votes": True, "weight": 2},
        {"official_id": str(ministry.administrator.id), "part": "guest"},
        *({"official_id": str(one.id)} for one in members),
    ]
    return {
        "title": "Họp thông qua phương án quy hoạch",
        "starts_at": (clock() + 3 * DAY).isoformat(),
        "form": "hybrid",
        "place": "Phòng họp A",
        "people": seats,
    }


async def prepared(hall: Hall, ministry: Ministry, members: list[Person], document_id: str) -> str:
    """Write the agenda, lay the paper, approve and invite; return the first item."""
    guest, (officer, *_) = ministry.administrator, members
    told = await hall.put(
        ministry.secretary, "agenda",
        items=[
            {"title": "Phương án quy hoạch", "minutes": 40, "reporter_id": str(officer.id),
             "guests": [str(guest.id)]},
            {"title": "Ý kiến các đơn vị", "minutes": 20, "parent": 0},
            {"title": "Phân công thực hiện", "minutes": 15},
        ],
    )  # fmt: skip
    item_id: str = told["agenda"][0]["id"]
    laid = {"document_id": document_id, "item_id": item_id, "restricted": True}
    await hall.post(ministry.leader, "documents", **laid)
    await hall.post(ministry.leader, "approve")
    await hall.post(ministry.secretary, "invite")
    return item_id


async def answered(hall: Hall, members: list[Person], delegate: Person) -> None:
    """Five accept, the sixth sends a colleague, who accepts."""
    for member in members[:-1]:
        await hall.post(member, "accept")
    await hall.post(members[-1], "delegate", official_id=str(delegate.id))
    await hall.post(delegate, "accept")
    told = await (await hall.phone(members[0])).get(f"{hall.path}/invitation.ics")
    assert "PARTSTAT=ACCEPTED" in told.text.replace("\r\n ", "")


async def read_before(hall: Hall, ministry: Ministry, members: list[Person], paper: str) -> None:
    for member in members[:2]:
        page = await (await hall.phone(member)).get(f"{hall.path}/documents/{paper}/pages/0")
        assert page.content[:2] == b"\xff\xd8"
    read = {one["official_id"] for one in await hall.get(ministry.secretary, "reading")}
    assert read == {str(one.id) for one in members[:2]}


async def gathered(
    hall: Hall, ministry: Ministry, members: list[Person], delegate: Person, clock: Clock
) -> None:
    """Some scan the code, one comes from afar, one is written down; enough are there."""
    await hall.post(ministry.secretary, "open-check-in")
    for person in (ministry.leader, *members[:3], delegate):
        code = (await hall.post(ministry.secretary, "check-in-code"))["code"]
        await hall.post(person, "check-in", code=code)
        clock.tick(timedelta(seconds=20))
    await hall.post(members[3], "check-in")
    by_hand = f"people/{members[4].id}/check-in"
    await hall.post(ministry.secretary, by_hand, reason="Điện thoại hết pin")
    quorum = (await hall.get(members[0], "attendance"))["quorum"]
    assert (quorum["present"], quorum["entitled"], quorum["met"]) == (7, 7, True)
    await hall.post(ministry.secretary, "open")


async def discussed(
    hall: Hall, ministry: Ministry, members: list[Person], item_id: str, paper: str, clock: Clock
) -> None:
    """The reporter presents, a member speaks, the guest sees this item and no other."""
    reporter, speaker, guest = members[0], members[1], ministry.administrator
    await hall.post(ministry.leader, f"items/{item_id}/begin")
    await hall.say(ministry.leader, "presenter.hand", official_id=str(reporter.id))
    await hall.say(reporter, "page.turn", document_id=paper, page=1)
    turn = (await hall.say(speaker, "floor.ask"))["turn_id"]
    await hall.say(ministry.leader, "floor.grant", turn_id=turn)
    await hall.say(speaker, "floor.start", turn_id=turn)
    clock.tick(timedelta(minutes=2))
    await hall.say(speaker, "floor.end", turn_id=turn)
    seen = await hall.snapshot(guest)
    assert [one["title"] for one in seen["agenda"]] == ["Phương án quy hoạch"]
    assert (seen["shown_page"], seen["votes"], len(seen["table"])) == (1, [], 1)


async def voted(
    hall: Hall, ministry: Ministry, members: list[Person], delegate: Person
) -> dict[str, Any]:
    """Everybody votes, one by a delegate; the list says the same as the result."""
    rule = {"base": "present", "numerator": 2, "denominator": 3, "more_than": False,
            "weighted": True, "abstention": 2}  # fmt: skip
    said = {"question": "Thông qua phương án?", "rule": rule}
    vote = (await hall.post(ministry.secretary, "votes", **said))["id"]
    await hall.say(ministry.leader, "vote.open", vote_id=vote)
    for choice, member in zip((0, 0, 0, 1, 2), members[:-1], strict=True):
        await hall.say(member, "vote.cast", vote_id=vote, choice=choice)
    principal = str(members[-1].id)
    await hall.say(delegate, "vote.cast", vote_id=vote, choice=0, principal_id=principal)
    await hall.post(ministry.leader, f"votes/{vote}/ballots", choice=0)
    await hall.say(ministry.leader, "vote.close", vote_id=vote)
    await hall.say(ministry.leader, "vote.publish", vote_id=vote)
    listed: dict[str, Any] = await hall.get(members[3], f"votes/{vote}/list")
    return listed


def must_recount(listed: dict[str, Any]) -> None:
    ballots = [
        Ballot(UUID(one["mandate_id"]), one["choice"], one["weight"]) for one in listed["ballots"]
    ]
    rule = Rule(**(listed["rule"] | {"base": Base(listed["rule"]["base"])}))
    electorate = Electorate(**listed["electorate"])
    counted = tally(ballots, 3, electorate, rule, by_ballot=False)
    assert list(counted.counts) == listed["result"]["counts"] == [6, 1, 1]
    assert (counted.adopted, listed["result"]["adopted"]) == (0, 0)
    assert digest_of(ballots, electorate, rule) == listed["digest"]


async def concluded(
    hall: Hall, ministry: Ministry, members: list[Person], item_id: str, clock: Clock
) -> None:
    """Two conclusions are tasks, one is not; then the meeting ends."""
    secretary, due = ministry.secretary, (clock() + 10 * DAY).isoformat()
    lead, helper = str(members[1].id), str(members[2].id)
    await hall.post(secretary, "conclusions", words="Hoàn thiện phương án", item_id=item_id,
                    lead_id=lead, coordinators=[helper], due=due)  # fmt: skip
    await hall.post(secretary, "conclusions", words="Công bố phương án", lead_id=helper, due=due)
    await hall.post(secretary, "conclusions", words="Thống nhất chủ trương")
    await hall.post(ministry.leader, f"items/{item_id}/conclude")
    await hall.post(secretary, "close")


async def recorded(hall: Hall, ministry: Ministry, members: list[Person]) -> dict[str, Any]:
    """The secretary writes, a member comments, the minutes are frozen and put before the chair."""
    secretary = ministry.secretary
    begun = await hall.post(secretary, "minutes")
    text = "Ông Bưởi trình bày phương án.\nCác đơn vị cho ý kiến."
    await hall.put(secretary, "minutes", text=text, version=begun["version"])
    await hall.post(secretary, "minutes/review")
    await hall.post(members[0], "minutes/comments", words="Đồng ý với biên bản")
    frozen: dict[str, Any] = await hall.post(secretary, "minutes/freeze")
    assert await hall.post(secretary, "minutes/freeze") == frozen
    return frozen


async def must_begin_with(engines: Engines, frozen: dict[str, Any]) -> None:
    """The file that the chair signed begins with the very bytes that were frozen."""
    of = select(Revision).where(Revision.document_id == UUID(frozen["document_id"]))
    async with engines.db.read() as view:
        first, last = sorted((await view.session.exec(of)).all(), key=lambda one: one.ordinal)[:2]
    before, signed = [
        b"".join([chunk async for chunk in await engines.blobs.read(one.sha256)])
        for one in (first, last)
    ]
    assert first.sha256 == frozen["sha256"]
    assert signed.startswith(before)
    assert len(signed) > len(before)


async def must_be_tasks(
    hall: Hall, engines: Engines, ministry: Ministry, members: list[Person]
) -> None:
    """Each conclusion with a lead is one task, and its lead can do it to its end."""
    given = {one.task_id for one in await rows(engines.db, Conclusion)} - {None}
    tasks = {one.id: one for one in await rows(engines.db, Task)}
    assert set(tasks) == given
    assert len(tasks) == 2
    task = next(one for one in tasks.values() if one.content == "Hoàn thiện phương án")
    lead, chair = await hall.phone(members[1]), await hall.phone(ministry.leader)
    for step in ("accept", "start"):
        await lead.post(f"/tasks/{task.id}/{step}", json={})
    await lead.post(f"/tasks/{task.id}/report", json={"words": "Đã hoàn thiện"})
    done = await chair.post(f"/tasks/{task.id}/complete", json={})
    assert done.json()["state"] == "completed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_ten_people_go_from_a_draft_to_signed_minutes_and_tasks(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, tmp_path: Path
) -> None:
    await enrol(engines, ministry)
    ours = await more_people(engines.db, ministry)
    members, delegate = [ministry.officer, ministry.colleague, *ours], ministry.clerk
    sent = await send_in(await as_(ministry.clerk), ministry, letter(tmp_path))
    paper = sent.json()["id"]
    secretary = await as_(ministry.secretary)
    plan = planned(ministry, members, clock)
    meeting = (await secretary.post("/meetings", json=plan)).json()
    hall = Hall(engines, as_, meeting["id"])

    item_id = await prepared(hall, ministry, members, paper)
    await answered(hall, members, delegate)
    await read_before(hall, ministry, members, paper)
    await gathered(hall, ministry, members, delegate, clock)
    await discussed(hall, ministry, members, item_id, paper, clock)
    must_recount(await voted(hall, ministry, members, delegate))
    await concluded(hall, ministry, members, item_id, clock)
    frozen = await recorded(hall, ministry, members)
    assert await rows(engines.db, Task) == []

    await consent(engines, ministry, (await the_request(engines)).id)
    await work(engines, clock)
    await hall.refresh()

    again = {"body": {"document_id": frozen["document_id"]}}
    keeping = Keeping(engines.db, engines.blobs)
    await asyncio.gather(*(follow_signature(keeping, again) for _ in range(2)))

    signed = await hall.get(members[0], "minutes")
    assert signed["signed_sha256"] not in {None, frozen["sha256"]}
    await must_begin_with(engines, frozen)
    await must_be_tasks(hall, engines, ministry, members)
    await must_end(hall, ministry, frozen, members)


async def must_end(
    hall: Hall, ministry: Ministry, frozen: dict[str, Any], members: list[Person]
) -> None:
    """A notice is drafted, the record is closed, and it is known who read what."""
    notice = await hall.post(ministry.secretary, "notice")
    assert notice["document_id"] != frozen["document_id"]
    assert (await hall.post(ministry.leader, "archive"))["state"] == "archived"
    log = await hall.get(ministry.secretary, "access-log")
    assert {one["official_id"] for one in log} == {str(one.id) for one in members[:2]}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_minutes_that_the_chair_does_not_sign_are_written_anew_and_make_no_task(
    engines: Engines, ministry: Ministry, as_: As, clock: Clock, tmp_path: Path
) -> None:
    await enrol(engines, ministry)
    members = [ministry.officer, ministry.colleague]
    sent = await send_in(await as_(ministry.clerk), ministry, letter(tmp_path))
    secretary = await as_(ministry.secretary)
    plan = planned(ministry, members, clock)
    hall = Hall(engines, as_, (await secretary.post("/meetings", json=plan)).json()["id"])
    await prepared(hall, ministry, members, sent.json()["id"])
    for step in ("open-check-in", "open"):
        await hall.post(ministry.secretary, step)
    due = (clock() + 10 * DAY).isoformat()
    said = {"words": "Hoàn thiện", "lead_id": str(members[0].id), "due": due}
    await hall.post(ministry.secretary, "conclusions", **said)
    await hall.post(ministry.secretary, "close")
    first = await recorded(hall, ministry, members)

    async with engines.db.begin() as tx:
        request = await the_request(engines)
        await signing.decline(tx, ministry.leader.actor, request.id, reason="Thiếu ý kiến")
    await work(engines, clock, rounds=2)

    await hall.refresh()
    assert (await hall.snapshot(ministry.leader))["state"] == "minutes_draft"
    await hall.post(ministry.secretary, "minutes/review")
    second = await hall.post(ministry.secretary, "minutes/freeze")
    assert second["document_id"] != first["document_id"]
    assert await rows(engines.db, Task) == []
