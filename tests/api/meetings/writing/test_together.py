"""Minutes are written by several at once, by those who may, and are what everybody reads."""

import asyncio
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
import websockets
from pycrdt import Doc, Map, Text, create_update_message
from sqlalchemy import func
from sqlmodel import select
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from api.demo.editor import PROTOCOL, Editor
from api.endings import Endings
from api.gate import CapabilityGate
from api.meetings import queries
from api.meetings.record import service as record
from api.meetings.writing.models import MinutesUpdate
from api.meetings.writing.rules import MOST_BYTES, MOST_CHARACTERS, MOST_PIECES
from api.people import service as people
from core.audit import AuditRecord
from core.bus.local import LocalBus
from realtime.limits import Limits
from tests.api.meetings.writing.conftest import Office
from tests.support.answers import rows
from tests.support.ministry import Person
from tests.support.writing import node

#: What the system itself takes for a reader that reads no more is some megabytes.
MOST_ROUNDS = 100
TOO_BIG, TOO_FAST = 1009, 4429
BAD_FRAME, UNAUTHENTICATED, REVOKED, GONE, UNKEPT = 4400, 4401, 4403, 4404, 4422


async def let_write(office: Office, *people: Person) -> None:
    phone = await office.phone(office.ministry.secretary)
    said = {"official_ids": [str(one.id) for one in people]}
    answer = await phone.send("PUT", f"{office.path}/writers", json=said)
    assert answer.status_code == HTTPStatus.OK, answer.text


async def test_what_two_write_at_once_both_read_and_everybody_else_too(office: Office) -> None:
    secretary, member = office.ministry.secretary, office.ministry.officer
    await let_write(office, member)
    one, other = await office.editor(secretary), await office.editor(member)
    reader = await office.editor(office.ministry.leader)

    await asyncio.gather(one.write("Ông Bưởi trình bày. "), other.write("Bà Sen hỏi. "))
    for editor in (one, other, reader):
        await editor.sees(lambda words: "Bưởi" in words and "Sen" in words)
    await one.strike(0, 3)
    words = one.words

    for editor in (other, reader):
        await editor.sees(lambda seen: seen == words)
    assert await office.kept() == words


async def test_what_was_written_is_there_for_whoever_comes_later(office: Office) -> None:
    early = await office.editor(office.ministry.secretary)
    await early.write("Đã thống nhất.")
    await early.has_kept("Đã thống nhất.")
    await early.close()

    late = await office.editor(office.ministry.officer)

    assert await late.sees(bool) == "Đã thống nhất."


async def test_what_was_written_without_a_network_comes_along_on_return(office: Office) -> None:
    secretary, member = office.ministry.secretary, office.ministry.officer
    await let_write(office, member)
    one, other = await office.editor(secretary), await office.editor(member)
    await one.write("Một. ")
    await other.sees(lambda words: words == "Một. ")
    await one.drop()
    one.text.insert(len(one.text), "Hai. ")
    await other.write("Ba. ")

    back = await office.editor(secretary, document=one.document)

    words = await back.sees(lambda seen: "Hai" in seen and "Ba" in seen)
    assert await other.sees(lambda seen: "Hai" in seen) == words
    assert await office.kept() == words


async def test_who_may_only_read_is_told_so_and_nothing_is_changed(office: Office) -> None:
    secretary = await office.editor(office.ministry.secretary)
    await secretary.write("Nguyên văn.")
    reader = await office.editor(office.ministry.officer)
    await reader.sees(lambda words: words == "Nguyên văn.")

    await reader.write(" Thêm.")

    assert await reader.is_refused() == "meetings.not_your_part"
    assert await office.kept() == "Nguyên văn."
    await secretary.write(" Tiếp.")
    await reader.sees(lambda words: "Tiếp." in words)


async def test_writing_ends_with_the_leave_to_write(office: Office) -> None:
    member = office.ministry.officer
    await let_write(office, member)
    editor = await office.editor(member)
    await editor.write("Được.")
    secretary = await office.editor(office.ministry.secretary)
    await secretary.sees(lambda words: words == "Được.")
    await let_write(office)

    await editor.write(" Không.")

    assert await editor.is_refused() == "meetings.not_your_part"
    assert await office.kept() == "Được."


async def test_nobody_writes_what_is_under_review(office: Office) -> None:
    secretary = office.ministry.secretary
    editor = await office.editor(secretary)
    await editor.write("Xong.")
    await editor.has_kept("Xong.")
    async with office.engines.db.begin() as tx:
        await record.review(tx, secretary.actor, office.meeting_id)

    await editor.write(" Sửa.")

    assert await editor.is_refused() == "meetings.wrong_state"
    assert await office.kept() == "Xong."


async def test_only_people_of_the_meeting_can_be_let_write(office: Office) -> None:
    phone = await office.phone(office.ministry.secretary)
    for person in (office.ministry.colleague, office.ministry.clerk, office.ministry.stranger):
        said = {"official_ids": [str(person.id)]}
        answer = await phone.send("PUT", f"{office.path}/writers", json=said)
        assert answer.json()["type"] == "meetings.wrong_writers"


async def test_guests_strangers_and_those_who_ask_for_nothing_are_told_the_same(
    office: Office,
) -> None:
    ministry = office.ministry
    for person in (ministry.colleague, ministry.clerk, ministry.stranger):
        editor = await office.editor(person)
        assert await editor.ends() == GONE
    secretary = await office.phone(ministry.secretary)
    for name in (ministry.clerk.id, "nothing"):
        nowhere = await Editor.open(secretary, office.server.url, str(name))
        office.editors.append(nowhere)
        assert await nowhere.ends() == GONE


async def test_a_ticket_lets_one_socket_in_and_is_no_part_of_the_address(office: Office) -> None:
    phone = await office.phone(office.ministry.secretary)
    ticket = await phone.ticket()
    address = f"{office.server.url.replace('http', 'ws', 1)}/realtime/texts/{office.text}"
    names = [Subprotocol(PROTOCOL), Subprotocol(f"ticket.{ticket}")]

    async with websockets.connect(address, subprotocols=names, proxy=None) as first:
        assert first.subprotocol == PROTOCOL
        async with websockets.connect(address, subprotocols=names, proxy=None) as second:
            await second.wait_closed()
            assert second.close_code == UNAUTHENTICATED
    with pytest.raises(InvalidStatus):
        await websockets.connect(f"{address}?ticket={await phone.ticket()}", proxy=None)


async def test_what_is_written_over_http_is_seen_on_the_sockets(office: Office) -> None:
    editor = await office.editor(office.ministry.secretary)
    await editor.write("Một hai ba.")
    await editor.has_kept("Một hai ba.")
    phone = await office.phone(office.ministry.secretary)
    version = (await phone.get(office.path)).json()["version"]

    put = {"text": "Một 🙂 hai và ba.", "version": version}
    told = await phone.send("PUT", office.path, json=put)
    late = await phone.send("PUT", office.path, json=put)

    assert told.json()["text"] == "Một 🙂 hai và ba."
    assert late.json()["type"] == "stale"
    await office.shelf._look_at_all()
    assert await editor.sees(lambda words: "và" in words) == "Một 🙂 hai và ba."


async def test_the_same_text_over_http_changes_nothing(office: Office) -> None:
    phone = await office.phone(office.ministry.secretary)
    first = await phone.send("PUT", office.path, json={"text": "Một.", "version": 1})
    again = await phone.send("PUT", office.path, json=first.json() | {"text": "Một."})

    assert (again.status_code, again.json()["version"]) == (200, first.json()["version"])


def nested() -> bytes:
    """A map within a map within a map, as deep as a frame takes."""
    document: Doc[Map[Any]] = Doc()
    inner: Map[Any] = Map({})
    for _ in range(50):
        inner = Map({"x": inner})
    document["minutes"] = inner
    return document.get_update()


def formatted() -> bytes:
    document: Doc[Text] = Doc()
    document["minutes"] = text = Text("đậm")
    text.format(0, 3, {"bold": True})
    return document.get_update()


def of_another_text() -> bytes:
    document: Doc[Text] = Doc()
    document["other"] = Text("khác")
    return document.get_update()


def with_a_gap() -> bytes:
    document: Doc[Text] = Doc()
    document["minutes"] = text = Text("một")
    before = document.get_state()
    text += " hai"
    return document.get_update(before)


BROKEN: dict[str, bytes | str] = {
    "nothing": b"\x00\x02\x00",
    "half": create_update_message(with_a_gap())[:-3],
    "noise": create_update_message(bytes(range(200))),
    "a huge count": create_update_message(b"\xff\xff\xff\xff\xff\xff\x0f" * 3),
    "nested": create_update_message(nested()),
    "formatted": create_update_message(formatted()),
    "of another text": create_update_message(of_another_text()),
    "with a gap": create_update_message(with_a_gap()),
    "an unknown message": b"\x07",
    "an endless number": b"\xff" * 64,
    "more than one": create_update_message(b"\x00\x00") * 2,
    "a vector that is none": b"\x00\x00\x03\xff\xff\xff",
    "a state that is no JSON": b"\x01\x06\x01\x01\x01\x03{{{",
    "text": "{}",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("case", BROKEN)
async def test_a_broken_message_ends_its_socket_and_nothing_else(office: Office, case: str) -> None:
    secretary = office.ministry.secretary
    bystander = await office.editor(office.ministry.officer)
    editor = await office.editor(secretary)
    await editor.write("Nguyên văn.")
    await bystander.sees(lambda words: words == "Nguyên văn.")

    await editor._connection.send(BROKEN[case])

    assert await editor.ends() == BAD_FRAME
    again = await office.editor(secretary)
    await again.sees(lambda words: words == "Nguyên văn.")
    await again.write(" Tiếp.")
    await bystander.sees(lambda words: words == "Nguyên văn. Tiếp.")
    assert await office.kept() == "Nguyên văn. Tiếp."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("messages", "code"),
    [([bytes(300 * 1024)], TOO_BIG), ([create_update_message(b"\x00\x00")] * 300, TOO_FAST)],
)
async def test_a_flood_ends_its_socket_and_nothing_else(
    office: Office, messages: list[bytes], code: int
) -> None:
    editor = await office.editor(office.ministry.officer)
    with suppress(ConnectionClosed):
        for message in messages:
            await editor.send(message)

    assert await editor.ends() == code
    again = await office.editor(office.ministry.secretary)
    await again.write("Vẫn viết được.")
    await again.has_kept("Vẫn viết được.")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("TỐI MẬT\nnội dung", "documents.secret"),
        ("x" * (MOST_CHARACTERS + 1), "meetings.minutes_too_long"),
    ],
)
async def test_what_may_not_be_kept_is_kept_nowhere(office: Office, words: str, code: str) -> None:
    reader = await office.editor(office.ministry.officer)
    editor = await office.editor(office.ministry.secretary)
    await editor.write("Mở đầu.\n")
    await reader.sees(lambda seen: seen == "Mở đầu.\n")

    await editor.write(words)

    assert await editor.is_refused() == code
    assert await editor.ends() == UNKEPT
    assert await office.kept() == reader.words == "Mở đầu.\n"


def ends_with(end: str, words: str) -> bool:
    return words.endswith(end)


async def test_many_updates_become_one_and_say_the_same(office: Office) -> None:
    editor = await office.editor(office.ministry.secretary)
    reader = await office.editor(office.ministry.officer)
    for number in range(MOST_PIECES + 50):
        await editor.write(f"{number} ")
        await reader.sees(partial(ends_with, f"{number} "))
    words = editor.words

    async with office.engines.db.read() as view:
        pieces = (await view.session.exec(select(func.count()).select_from(MinutesUpdate))).one()
    assert pieces <= MOST_PIECES
    assert await office.kept() == words
    assert await (await office.editor(office.ministry.leader)).sees(bool) == words


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_deleted_takes_no_room_for_ever(office: Office) -> None:
    editor = await office.editor(office.ministry.secretary)
    most = MOST_CHARACTERS - 10
    for number in range(2 + MOST_BYTES // most):
        await editor.write(f"{number}: " + "x" * (most - 10))
        await editor.has_kept(f"{number}: ")
        await editor.strike(0, len(editor.text))

    await editor.write("Còn lại.")

    await editor.has_kept("Còn lại.")
    assert await office.kept() == "Còn lại."


async def test_who_writes_is_written_down_once_for_each_time_they_come(office: Office) -> None:
    editor = await office.editor(office.ministry.secretary)
    for words in ("Một.", "Hai.", "Ba."):
        await editor.write(words)
    await editor.has_kept("Ba.")

    kept = [one for one in await rows(office.engines.db, AuditRecord)
            if one.action == "meetings.write_minutes"]  # fmt: skip
    assert [(one.actor_id, one.object_id) for one in kept] == [
        (office.ministry.secretary.id, str(office.meeting_id))
    ]


@pytest.mark.parametrize("bus", ["wakes", "loses everything"])
async def test_two_nodes_write_one_text(office: Office, bus: str) -> None:
    gate, limits = CapabilityGate(office.engines.db), Limits(poll=0.05)
    between = office.engines.bus if bus == "wakes" else LocalBus()
    async with node(gate, between, office.engines.db.clock, limits) as (elsewhere, _):
        await let_write(office, office.ministry.officer)
        here = await office.editor(office.ministry.secretary)
        there = await office.editor(office.ministry.officer, elsewhere.url)
        await asyncio.gather(here.write("Ở đây. "), there.write("Ở kia. "))
        await there.sees(lambda words: "đây" in words and "kia" in words)
        if bus != "wakes":
            await office.shelf._look_at_all()
        await here.sees(lambda words: "đây" in words and "kia" in words)

        assert await office.kept() == here.words == there.words
        await there.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_reads_too_slowly_is_cut_and_holds_up_nobody(office: Office) -> None:
    gate, limits = CapabilityGate(office.engines.db), Limits(backlog_most=64 * 1024)
    async with node(gate, LocalBus(), office.engines.db.clock, limits) as (served, shelf):
        writer = await office.editor(office.ministry.secretary, served.url)
        stuck = await office.editor(office.ministry.officer, served.url)
        await writer.write("Mở đầu. ")
        await stuck.has_kept("Mở đầu. ")
        assert len(shelf.devices()) == 2

        stuck._connection.transport.pause_reading()
        for number in range(MOST_ROUNDS):
            await writer.write(f"{number}: " + "x" * (MOST_CHARACTERS - 100))
            await writer.has_kept(f"{number}: ")
            await writer.strike(0, len(writer.text))
            if len(shelf.devices()) == 1:
                break

        phone = await office.phone(office.ministry.secretary)
        assert list(shelf.devices()) == [UUID(phone.device_id)]
        await stuck.drop()
        await writer.close()


async def test_a_device_that_is_shut_out_is_at_no_text_any_more(office: Office) -> None:
    editor = await office.editor(office.ministry.secretary)
    await editor.write("Một.")
    await editor.has_kept("Một.")
    (device_id,) = office.shelf.devices()
    engines, administrator = office.engines, office.ministry.administrator.actor
    hub = engines.realtime.hub
    endings = Endings(engines.db, engines.bus, hub, office.shelf, engines.door)
    await endings.look()
    assert editor.closed is None
    async with engines.db.begin() as tx:
        await people.revoke_device(tx, administrator, device_id)

    await endings.look()

    assert await editor.ends() == REVOKED
    assert office.shelf.devices() == {}


async def test_who_is_removed_from_the_meeting_reads_no_more(office: Office) -> None:
    member = office.ministry.officer
    editor = await office.editor(member)
    secretary = await office.editor(office.ministry.secretary)
    await secretary.write("Một.")
    await editor.sees(lambda words: words == "Một.")
    async with office.engines.db.begin() as tx:
        seat = await queries.participant(tx, office.meeting_id, member.id)
        await tx.session.delete(seat)

    office.shelf.recheck(member.id)

    assert await editor.ends() == GONE
