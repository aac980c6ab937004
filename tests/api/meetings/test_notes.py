"""Annotations: private ones are nobody else's, opinions are final once submitted."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from api.meetings import flows
from api.meetings.errors import NotYourPart
from api.meetings.notes import queries
from api.meetings.notes.errors import Submitted, WrongTarget
from api.meetings.notes.models import Annotation
from api.meetings.notes.schemas import Target
from api.meetings.papers import queries as papers_of
from api.meetings.papers import service as papers
from api.meetings.papers.rules import PaperMove
from api.meetings.plans import Laid
from api.meetings.seats import seat
from core import streams
from core.db import Database
from core.errors import NotFound, Stale
from core.ids import new_id
from tests.support.answers import rows
from tests.support.gatherings import TO_INVITED, called, in_session, paper
from tests.support.ministry import Ministry, Person


async def target(db: Database, room: tuple[UUID, UUID], **changed: Any) -> dict[str, Any]:
    async with db.read() as view:
        (laid,) = await papers_of.published(view, room[0])
    selector = {"type": "FragmentSelector", "value": "xywh=percent:10,20.5,30,5"}
    told = {"source": str(room[1]), "revision": str(laid.revision_id), "page": 1}
    return told | {"selector": selector} | changed


async def say(db: Database, person: Person, room: tuple[UUID, UUID], what: str, **said: Any) -> Any:
    return await flows.command(db, person.actor, room[0], kind=what, key=new_id(), data=said)


async def put(
    db: Database, person: Person, room: tuple[UUID, UUID], layer: str, **said: Any
) -> UUID:
    note: dict[str, Any] = {"id": str(new_id()), "layer": layer, "body": "Xem lại"}
    note["target"] = await target(db, room)
    return UUID((await say(db, person, room, "note.put", **(note | said)))["id"])


async def read_by(db: Database, person: Person, room: tuple[UUID, UUID]) -> set[UUID]:
    async with db.read() as view:
        mine = await seat(view, person.actor, room[0])
        return {one.id for one in await queries.notes(view, mine)}


async def told(db: Database, room: tuple[UUID, UUID]) -> list[str]:
    async with db.read() as view:
        entries = await streams.read_after(view.session, f"room:{room[0]}", 0)
    assert "Xem lại" not in str([one.body for one in entries])
    return [one.name for one in entries if one.name.startswith("meeting.note")]


async def test_each_layer_reaches_whom_it_is_for(db: Database, ministry: Ministry) -> None:
    room = await in_session(db, ministry)
    officer, chair, guest = ministry.officer, ministry.leader, ministry.colleague

    private = await put(db, officer, room, "private")
    shared = await put(db, officer, room, "shared")
    opinion = await put(db, officer, room, "opinion")

    assert await read_by(db, officer, room) == {private, shared, opinion}
    assert await read_by(db, chair, room) == {shared}
    await say(db, officer, room, "note.submit", note_id=str(opinion))
    assert await read_by(db, chair, room) == {shared, opinion}
    assert await read_by(db, guest, room) == set()
    assert await told(db, room) == ["meeting.note_put", "meeting.note_put"]
    with pytest.raises(NotYourPart):
        await put(db, ministry.secretary, room, "opinion")


async def test_a_submitted_opinion_is_final_and_everything_else_is_its_authors_alone(
    db: Database, ministry: Ministry
) -> None:
    room = await in_session(db, ministry)
    note_id = await put(db, ministry.officer, room, "opinion")
    await say(db, ministry.officer, room, "note.submit", note_id=str(note_id))
    changed: dict[str, Any] = {"id": str(note_id), "body": "Khác", "version": 2}

    with pytest.raises(Submitted):
        await put(db, ministry.officer, room, "opinion", **changed)
    with pytest.raises(Submitted):
        await say(db, ministry.officer, room, "note.drop", note_id=str(note_id))
    for what in ("note.drop", "note.submit"):
        with pytest.raises(NotFound):
            await say(db, ministry.leader, room, what, note_id=str(note_id))
    with pytest.raises(NotFound):
        await put(db, ministry.leader, room, "shared", id=str(note_id))

    (kept,) = await rows(db, Annotation)
    assert (kept.body, kept.author_id) == ("Xem lại", ministry.officer.id)


async def test_opinions_are_given_before_the_meeting_and_read_by_who_prepares_it(
    db: Database, ministry: Ministry
) -> None:
    document_id = await paper(db, ministry)
    meeting_id = await called(db, ministry, *TO_INVITED)
    async with db.begin() as tx:
        await papers.lay(tx, ministry.leader.actor, meeting_id, Laid(document_id))
    room = (meeting_id, document_id)

    opinion = await put(db, ministry.officer, room, "opinion")
    assert await read_by(db, ministry.leader, room) == set()
    await say(db, ministry.officer, room, "note.submit", note_id=str(opinion))

    assert await read_by(db, ministry.leader, room) == {opinion}
    assert await read_by(db, ministry.secretary, room) == {opinion}


async def test_a_note_sent_again_is_the_same_and_an_older_version_is_told_so(
    db: Database, ministry: Ministry
) -> None:
    room, note_id = await in_session(db, ministry), str(new_id())
    for _ in range(2):
        await put(db, ministry.officer, room, "shared", id=note_id)
    assert await told(db, room) == ["meeting.note_put"]

    await put(db, ministry.officer, room, "shared", id=note_id, body="Mới", version=1)
    with pytest.raises(Stale):
        await put(db, ministry.officer, room, "shared", id=note_id, body="Cũ", version=1)
    await say(db, ministry.officer, room, "note.drop", note_id=note_id)

    assert await read_by(db, ministry.officer, room) == set()


async def test_notes_hang_on_what_lies_on_the_table_and_go_with_it(
    db: Database, ministry: Ministry
) -> None:
    room = await in_session(db, ministry)
    for wrong in ({"source": str(new_id())}, {"revision": str(new_id())}, {"page": 99}):
        with pytest.raises(WrongTarget):
            await put(db, ministry.officer, room, "shared", target=await target(db, room, **wrong))
    await put(db, ministry.officer, room, "shared")

    async with db.begin() as tx:
        chair = ministry.leader.actor
        await papers.move_paper(tx, chair, room[0], room[1], PaperMove.WITHDRAW)

    assert await read_by(db, ministry.officer, room) == set()


@pytest.mark.parametrize(
    "selector",
    [
        {"type": "SvgSelector", "value": '<svg onload="x"><path d="M0 0"/></svg>'},
        {"type": "SvgSelector", "value": '<svg><path d="M0 0"/><script/></svg>'},
        {"type": "FragmentSelector", "value": "xywh=percent:1,2,3"},
        {"type": "CssSelector", "value": "a"},
    ],
)
def test_a_selector_brings_nothing_but_a_place(selector: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        said = {"source": new_id(), "revision": new_id(), "page": 0, "selector": selector}
        Target.model_validate(said)
