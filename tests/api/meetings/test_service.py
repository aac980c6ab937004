"""How a meeting is prepared, told of and heard: what each step leaves behind, and for whom."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from api.documents import queries as documents
from api.documents import service as document_service
from api.documents.errors import NotYetRead, Secret
from api.documents.models import DocumentReader
from api.meetings import queries, service, showing
from api.meetings.errors import NotYourPart, WrongPeople, WrongState
from api.meetings.models import Meeting, Participant, TableDocument
from api.meetings.papers import queries as table_queries
from api.meetings.papers import service as papers
from api.meetings.plans import Invitee, Laid, Plan
from api.meetings.rules import IN_PREPARATION, MOVES, OF_THE_RECORD, Act, Move, Part, State, may
from api.meetings.seats import seat
from core import streams
from core.audit import AuditRecord
from core.db import Database
from core.errors import AppError, Forbidden, NotFound
from core.ids import new_id
from core.streams import Fact
from push.models import Notification
from tests.support.answers import rows
from tests.support.clock import Clock
from tests.support.correspondence import received
from tests.support.gatherings import (
    PAGES,
    TO_INVITED,
    TO_SESSION,
    called,
    everybody,
    in_session,
    paper,
)
from tests.support.ministry import Ministry, Person

PARTS = {
    "leader": Part.CHAIR, "secretary": Part.SECRETARY, "officer": Part.MEMBER,
    "colleague": Part.GUEST,
}  # fmt: skip
#: How a meeting comes to stand in a state.
WAYS = {
    State.DRAFT: (),
    State.APPROVED: (Move.APPROVE,),
    State.INVITED: TO_INVITED,
    State.CHECKIN_OPEN: (*TO_INVITED, Move.CHECK_IN),
    State.IN_SESSION: TO_SESSION,
    State.RECESS: (*TO_SESSION, Move.PAUSE),
    State.CLOSED: (*TO_SESSION, Move.CLOSE),
    State.POSTPONED: (*TO_INVITED, Move.POSTPONE),
    State.CANCELLED: (*TO_INVITED, Move.CANCEL),
}


async def heard_on(db: Database, stream: str) -> list[str]:
    async with db.read() as view:
        return [one.name for one in await streams.read_after(view.session, stream, 0)]


async def plan(
    db: Database,
    person: Person,
    people: list[tuple[UUID, Part]],
    *documents: UUID,
    title: str = "Họp",
) -> UUID:
    meeting_id = new_id()
    async with db.begin() as tx:
        await service.plan(
            tx,
            person.actor,
            meeting_id,
            Plan(title, tx.now, [Invitee(*one) for one in people], documents),
        )
    return meeting_id


async def advance(db: Database, person: Person, meeting_id: UUID, move: Move) -> None:
    async with db.begin() as tx:
        await service.advance(tx, person.actor, meeting_id, move)


async def readers_of(db: Database, document_id: UUID) -> set[UUID]:
    mine = select(DocumentReader.official_id).where(DocumentReader.document_id == document_id)
    async with db.read() as view:
        return set((await view.session.exec(mine)).all())


async def test_whoever_plans_and_names_themselves_nowhere_is_the_secretary(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await plan(db, ministry.secretary, [(ministry.leader.id, Part.CHAIR)])

    async with db.read() as view:
        shown = await showing.whole(view, ministry.leader.actor, meeting_id)
    assert {one.official_id: one.part for one in shown.people} == {
        ministry.leader.id: Part.CHAIR, ministry.secretary.id: Part.SECRETARY,
    }  # fmt: skip
    assert (shown.state, shown.presenter_id) == (State.DRAFT, ministry.leader.id)


async def test_a_leader_plans_a_meeting_with_another_secretary(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await plan(db, ministry.leader, everybody(ministry))

    async with db.read() as view:
        _, mine = await queries.meeting(view, ministry.leader.actor, meeting_id)
    assert mine.part is Part.CHAIR


@pytest.mark.parametrize("who", ["officer", "clerk", "administrator"])
async def test_nobody_else_plans(db: Database, ministry: Ministry, who: str) -> None:
    with pytest.raises(Forbidden):
        await plan(db, getattr(ministry, who), everybody(ministry))


async def test_a_plan_that_fails_leaves_nothing(db: Database, ministry: Ministry) -> None:
    chair, scan = (ministry.leader.id, Part.CHAIR), await received(db, ministry, scan=True)
    foreign, nobody = (ministry.stranger.id, Part.MEMBER), (new_id(), Part.MEMBER)
    read = await paper(db, ministry)
    before = await rows(db, Fact)

    with pytest.raises(WrongPeople):
        await plan(db, ministry.secretary, [(ministry.officer.id, Part.MEMBER)])
    for outsider in (foreign, nobody):
        with pytest.raises(NotFound):
            await plan(db, ministry.secretary, [chair, outsider])
    with pytest.raises(Secret):
        await plan(db, ministry.secretary, [chair], title="TUYỆT MẬT")
    with pytest.raises(NotYetRead):
        await plan(db, ministry.leader, everybody(ministry), read, scan)

    for table in (Meeting, Participant, TableDocument):
        assert await rows(db, table) == []
    assert await rows(db, Fact) == before
    assert await readers_of(db, read) == {ministry.leader.id}


async def test_documents_lie_in_the_order_they_were_named_and_once(
    db: Database, ministry: Ministry
) -> None:
    one, two = await paper(db, ministry), await paper(db, ministry)

    meeting_id = await plan(db, ministry.leader, everybody(ministry), two, one, two)

    async with db.read() as view:
        table = await table_queries.published(view, meeting_id)
    assert [(laid.document_id, laid.place) for laid in table] == [(two, 0), (one, 1)]
    names = await heard_on(db, f"room:{meeting_id}")
    assert names == ["meeting.document_added", "meeting.document_added"]


async def test_laying_a_document_again_changes_nothing(db: Database, ministry: Ministry) -> None:
    meeting_id, document_id = await in_session(db, ministry)
    before = await heard_on(db, f"room:{meeting_id}")

    async with db.begin() as tx:
        await papers.lay(tx, ministry.leader.actor, meeting_id, Laid(document_id))

    assert await heard_on(db, f"room:{meeting_id}") == before


async def test_documents_laid_at_once_each_get_a_place(db: Database, ministry: Ministry) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)
    laid = [await paper(db, ministry) for _ in range(6)]

    async def lay(document_id: UUID) -> None:
        async with db.begin() as tx:
            await papers.lay(tx, ministry.leader.actor, meeting_id, Laid(document_id))

    await asyncio.gather(*(lay(one) for one in [*laid, *laid]))

    async with db.read() as view:
        table = await table_queries.published(view, meeting_id)
    assert [laid.place for laid in table] == list(range(6))
    assert {one.document_id for one in table} == set(laid)


async def test_the_table_lets_nobody_read_a_document_elsewhere(
    db: Database, ministry: Ministry
) -> None:
    meeting_id, document_id = await in_session(db, ministry)

    assert await readers_of(db, document_id) == {ministry.leader.id}
    async with db.read() as view:
        mine = await seat(view, ministry.officer.actor, meeting_id)
        assert (await table_queries.paper(view, mine, document_id)).row.pages == PAGES
        with pytest.raises(NotFound):
            await documents.document(view, ministry.officer.actor, document_id)


async def test_nobody_lays_what_they_may_not_read(db: Database, ministry: Ministry) -> None:
    meeting_id, document_id = await called(db, ministry, *TO_INVITED), await paper(db, ministry)

    with pytest.raises(NotFound):
        async with db.begin() as tx:
            await papers.lay(tx, ministry.secretary.actor, meeting_id, Laid(document_id))

    assert await readers_of(db, document_id) == {ministry.leader.id}


@pytest.mark.parametrize("state", [State.CLOSED, State.CANCELLED])
async def test_nothing_is_laid_once_the_meeting_is_over(
    db: Database, ministry: Ministry, state: State
) -> None:
    meeting_id, document_id = await called(db, ministry, *WAYS[state]), await paper(db, ministry)

    with pytest.raises(WrongState):
        async with db.begin() as tx:
            await papers.lay(tx, ministry.leader.actor, meeting_id, Laid(document_id))

    assert await readers_of(db, document_id) == {ministry.leader.id}


@pytest.mark.parametrize("who", PARTS)
@pytest.mark.parametrize("act", [Act.CHANGE_STATE, Act.CHANGE_TABLE])
async def test_a_part_counts_and_not_the_role_in_the_agency(
    db: Database, ministry: Ministry, who: str, act: Act
) -> None:
    person: Person = getattr(ministry, who)
    meeting_id, document_id = await called(db, ministry, *TO_INVITED), await paper(db, ministry)
    refused: type[AppError] | None = None

    try:
        async with db.begin() as tx:
            await document_service.let_read(tx, document_id, [person.id], "test")
            if act is Act.CHANGE_STATE:
                await service.advance(tx, person.actor, meeting_id, Move.CHECK_IN)
            else:
                await papers.lay(tx, person.actor, meeting_id, Laid(document_id))
    except AppError as refusal:
        refused = type(refusal)

    assert refused is (None if may(act, PARTS[who], presents=False) else NotYourPart)


async def test_presenting_gives_no_power_over_the_meeting(db: Database, ministry: Ministry) -> None:
    meeting_id, _ = await in_session(db, ministry)
    async with db.begin() as tx:
        await service.hand_over(tx, ministry.leader.actor, meeting_id, ministry.officer.id)

    with pytest.raises(NotYourPart):
        await advance(db, ministry.officer, meeting_id, Move.CLOSE)


#: What `advance` takes; the moves of the record have use-cases of their own.
TAKEN = [(state, move) for state, move in MOVES if state in WAYS and move not in OF_THE_RECORD]


@pytest.mark.parametrize("state", WAYS)
async def test_a_refused_move_changes_nothing(
    db: Database, ministry: Ministry, state: State
) -> None:
    meeting_id = await called(db, ministry, *WAYS[state])
    before = (await rows(db, Meeting))[0].model_dump(), len(await rows(db, Fact))

    for move in Move:
        if (state, move) not in TAKEN:
            with pytest.raises(WrongState):
                await advance(db, mover(ministry, move), meeting_id, move)

    assert ((await rows(db, Meeting))[0].model_dump(), len(await rows(db, Fact))) == before


@pytest.mark.parametrize(("state", "move"), TAKEN)
async def test_a_move_is_a_new_version(
    db: Database, ministry: Ministry, state: State, move: Move
) -> None:
    meeting_id = await called(db, ministry, *WAYS[state])
    before = (await rows(db, Meeting))[0].version

    await advance(db, mover(ministry, move), meeting_id, move)

    after = (await rows(db, Meeting))[0]
    assert (after.state, after.version) == (MOVES[state, move], before + 1)
    assert (after.closed_at is None) == (after.state not in {State.CLOSED, State.CANCELLED})


def mover(ministry: Ministry, move: Move) -> Person:
    return ministry.leader if move is Move.APPROVE else ministry.secretary


async def test_the_hours_of_a_meeting_are_kept(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    hour, planned_at = timedelta(hours=1), clock()
    meeting_id = await called(db, ministry, *TO_INVITED)

    await advance(db, ministry.secretary, meeting_id, Move.CHECK_IN)
    for move in (Move.OPEN, Move.PAUSE, Move.RESUME, Move.CLOSE):
        clock.tick(hour)
        await advance(db, ministry.secretary, meeting_id, move)

    (meeting,) = await rows(db, Meeting)
    assert meeting.created_at == planned_at
    assert (meeting.opened_at, meeting.closed_at) == (planned_at + hour, planned_at + 4 * hour)


async def test_everybody_is_invited_on_their_own_stream_and_the_others_phones_ring(
    db: Database, ministry: Ministry
) -> None:
    meeting_id = await called(db, ministry, *TO_INVITED)

    for official_id, _ in everybody(ministry):
        assert (await heard_on(db, f"user:{official_id}"))[0] == "meeting.invited"
    rung = await rows(db, Notification)
    assert {one.official_id for one in rung} == {
        ministry.leader.id, ministry.officer.id, ministry.colleague.id,
    }  # fmt: skip
    assert {one.subject for one in rung} == {f"room:{meeting_id}"}
    assert await heard_on(db, f"user:{ministry.clerk.id}") == []


async def test_what_happens_in_the_room_stays_in_the_room(db: Database, ministry: Ministry) -> None:
    meeting_id, document_id = await in_session(db, ministry)
    async with db.begin() as tx:
        await service.turn_page(
            tx, ministry.leader.actor, meeting_id, document_id=document_id, page=1
        )

    spread = select(streams.StreamEntry.stream).join(
        Fact, col(Fact.id) == col(streams.StreamEntry.fact_id)
    )
    async with db.read() as view:
        turned = spread.where(Fact.name == "meeting.page_turned")
        assert (await view.session.exec(turned)).all() == [f"room:{meeting_id}"]


async def test_each_step_is_audited(db: Database, ministry: Ministry) -> None:
    meeting_id, _ = await in_session(db, ministry)
    await advance(db, ministry.leader, meeting_id, Move.CLOSE)

    records = select(AuditRecord).where(AuditRecord.object_id == str(meeting_id))
    async with db.read() as view:
        done = [(one.action, one.actor_id) for one in (await view.session.exec(records)).all()]
    assert sorted(done) == sorted([
        ("meetings.plan", ministry.secretary.id), ("meetings.invite", ministry.secretary.id),
        ("meetings.approve", ministry.leader.id), ("meetings.check_in", ministry.secretary.id),
        ("meetings.open", ministry.secretary.id), ("meetings.lay", ministry.leader.id),
        ("meetings.close", ministry.leader.id),
    ])  # fmt: skip


@pytest.mark.parametrize("state", WAYS)
async def test_a_room_is_heard_by_its_people_alone_from_the_invitation_on(
    db: Database, ministry: Ministry, state: State
) -> None:
    meeting_id = await called(db, ministry, *WAYS[state])

    heard = set()
    async with db.read() as view:
        for person in vars(ministry).values():
            if await queries.may_hear(view, person.actor, meeting_id):
                heard.add(person.id)

    silent = state in {*IN_PREPARATION, State.CANCELLED}
    assert heard == (set() if silent else {one for one, _ in everybody(ministry)})


async def test_my_meetings_come_latest_first_and_only_as_many_as_asked(
    db: Database, ministry: Ministry, clock: Clock
) -> None:
    planned = []
    for _ in range(3):
        planned.append(await called(db, ministry, *TO_INVITED))
        clock.tick(timedelta(hours=1))

    async with db.read() as view:
        mine = await queries.mine(view, ministry.colleague.actor, limit=2)
        others = await queries.mine(view, ministry.clerk.actor, limit=2)

    assert ([one.id for one in mine], others) == ([*reversed(planned)][:2], [])


async def test_a_meeting_is_nothing_to_its_people_before_the_invitation(
    db: Database, ministry: Ministry
) -> None:
    draft = await called(db, ministry, Move.APPROVE)
    called_off = await called(db, ministry, Move.CANCEL)

    for meeting_id in (draft, called_off):
        async with db.read() as view:
            for person in (ministry.officer, ministry.colleague):
                assert await queries.mine(view, person.actor, limit=9) == []
                with pytest.raises(NotFound):
                    await seat(view, person.actor, meeting_id)
            assert (await seat(view, ministry.leader.actor, meeting_id)).part is Part.CHAIR
    assert await heard_on(db, f"user:{ministry.officer.id}") == []
