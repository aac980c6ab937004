"""Pages as binary messages on the room's own socket, for a phone that has no second connection."""

import asyncio
import random
import struct
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.pictures import MOST_WAITING, PART, parts_of
from tests.realtime.world import ROOM, Frame, Phone, World

HEAD = 8
PICTURE = random.Random(0).randbytes(5 * PART + 7)


async def ask(phone: Phone, i: int, page: int, **more: Any) -> None:
    wanted = {"document_id": str(uuid4()), "page": page} | more
    await phone.say(t="cmd", i=i, k="picture.get", s=ROOM, d=wanted)


async def answer(phone: Phone, i: int) -> Frame:
    return await phone.wait_for(lambda frame: frame.get("i") == i)


async def received(phone: Phone, i: int, size: int) -> bytes:
    """Hear on until all of a picture is there."""
    while sum(len(part) - HEAD for part in phone.parts if number_of(part) == i) < size:
        await phone.say(t="ping")
        await phone.wait_for(lambda frame: frame["t"] == "pong")
    return b"".join(part[HEAD:] for part in phone.parts if number_of(part) == i)


def number_of(part: bytes) -> int:
    (number,) = struct.unpack("!Q", part[:HEAD])
    return int(number)


async def test_a_page_comes_in_parts_behind_the_answer_that_announces_it(either: World) -> None:
    either.album.pages[3] = PICTURE
    phone = await either.listener_in()

    await ask(phone, 7, 3)
    told = (await answer(phone, 7))["d"]

    assert (told["type"], told["size"]) == ("image/jpeg", len(PICTURE))
    assert await received(phone, 7, told["size"]) == PICTURE
    assert max(map(len, phone.parts)) == PART + HEAD


async def test_a_page_that_the_phone_has_costs_no_bytes(world: World) -> None:
    world.album.pages[0] = PICTURE
    phone = await world.listener_in()
    await ask(phone, 7, 0)
    etag = (await answer(phone, 7))["d"]["etag"]
    await received(phone, 7, len(PICTURE))

    await ask(phone, 8, 0, have=etag)
    told = (await answer(phone, 8))["d"]

    assert (told["etag"], told["size"]) == (etag, 0)
    assert {number_of(part) for part in phone.parts} == {7}


async def test_events_and_commands_go_on_while_a_page_is_on_its_way(world: World) -> None:
    world.album.pages[0] = PICTURE
    phone = await world.listener_in()
    world.album.open.clear()

    await ask(phone, 7, 0)
    assert (await phone.turn(1))["t"] == "ok"
    assert await phone.wait_until_at(1) == [1]
    world.album.open.set()

    assert (await answer(phone, 7))["d"]["size"] == len(PICTURE)


async def test_a_phone_waits_for_a_few_pages_and_no_more(world: World) -> None:
    world.album.pages = dict.fromkeys(range(9), b"a page")
    phone = await world.listener_in()
    world.album.open.clear()

    for page in range(MOST_WAITING + 1):
        await ask(phone, 10 + page, page)
    refusal = await answer(phone, 10 + MOST_WAITING)
    world.album.open.set()
    answers = [await answer(phone, 10 + page) for page in range(MOST_WAITING)]

    assert (refusal["code"], refusal["facts"]) == ("realtime.too_many_pictures", {"most": 4})
    assert [one["t"] for one in answers] == ["ok"] * MOST_WAITING


async def test_a_page_that_may_not_be_seen_is_refused_and_the_next_one_comes(world: World) -> None:
    world.album.pages[0] = PICTURE
    phone = await world.listener_in()

    await ask(phone, 7, 5)
    refusal = await answer(phone, 7)
    await ask(phone, 8, 0)

    assert refusal["code"] == "not_found"
    assert (await answer(phone, 8))["d"]["size"] == len(PICTURE)


PAPER = str(UUID(int=7))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"page": 0},
        {"document_id": PAPER},
        {"document_id": PAPER, "page": -1},
        {"document_id": PAPER, "page": "1"},
        {"document_id": PAPER, "page": 0, "width": 0},
        {"document_id": PAPER, "page": 0, "have": "x" * 101},
    ],
    ids=str,
)
async def test_what_names_no_page_is_refused(world: World, data: dict[str, Any]) -> None:
    phone = await world.listener_in()

    refusal = await phone.ask(t="cmd", i=7, k="picture.get", s=ROOM, d=data)

    assert refusal["code"] == "malformed"


async def test_no_page_comes_from_a_room_one_is_not_in(world: World) -> None:
    world.album.pages[0] = PICTURE
    phone = await world.phone()
    await phone.hello()

    await ask(phone, 7, 0)

    assert (await answer(phone, 7))["code"] == "realtime.not_listening"


async def test_what_waits_is_not_even_drawn_once_the_stream_is_left(world: World) -> None:
    world.album.pages = {0: PICTURE, 1: PICTURE}
    phone = await world.listener_in()
    world.album.open.clear()
    await ask(phone, 7, 0)
    await ask(phone, 8, 1)

    async with asyncio.timeout(10):
        while not world.album.asked:  # noqa: ASYNC110 - the server's inside
            await asyncio.sleep(0)

    await phone.say(t="unsub", i=9, s=ROOM)
    await answer(phone, 9)
    world.album.open.set()

    assert (await answer(phone, 8))["code"] == "realtime.not_listening"
    assert world.album.asked == [0]
    assert phone.parts == []


async def test_a_phone_that_goes_while_a_page_is_sent_leaves_nothing_behind(world: World) -> None:
    world.album.pages[0] = PICTURE * 40
    phone = await world.listener_in()
    before = len(world.hub._tasks)

    await ask(phone, 7, 0)
    await answer(phone, 7)
    phone.socket.transport.abort()

    async with asyncio.timeout(10):
        while len(world.hub._tasks) > before:  # noqa: ASYNC110 - the server's inside
            await asyncio.sleep(0)


@given(i=st.integers(0, 2**53 - 1), data=st.binary(max_size=3 * PART))
def test_parts_make_the_picture_again(i: int, data: bytes) -> None:
    parts = list(parts_of(i, data))

    assert b"".join(part.data[HEAD:] for part in parts) == data
    assert all(number_of(part.data) == i and part.is_binary for part in parts)
