"""Both ways to a phone keep one contract: prepared frames, and plain ASGI where there are none."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.streams import StreamReader

from core.bus.port import Wake
from realtime.fanout import Message
from realtime.frames import Code
from realtime.limits import Limits
from tests.realtime.world import ROOM, World, running


@given(st.integers(0, 300) | st.sampled_from([65535, 65536, 70000]))
def test_a_prepared_frame_is_a_frame(size: int) -> None:
    text = b"x" * size
    reader = StreamReader()
    reader.feed_data(Message(text).frame)

    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)

    assert parsed.value.value.data == text
    assert parsed.value.value.fin


async def test_all_hear_the_same_in_the_same_order(either: World) -> None:
    phones = [await either.listener_in() for _ in range(5)]

    await either.turn_pages(1, 2, padding="đ" * 200)
    await either.turn_pages(3, padding="đ" * 40_000)

    assert [await phone.wait_until_at(3) for phone in phones] == [[1, 2, 3]] * 5
    assert all(phone.events == phones[0].events for phone in phones)


async def test_a_goodbye_comes_before_the_close(either: World) -> None:
    phone = await either.listener_in()

    await phone.socket.send("{")

    bye = await phone.wait_for(lambda frame: frame["t"] == "bye")
    assert bye["code"] == Code.BAD_FRAME
    assert await phone.end() == Code.BAD_FRAME


async def test_answers_and_events_keep_their_order(either: World) -> None:
    phone = await either.listener_in()

    for page in (1, 2, 3):
        await phone.turn(page)

    assert await phone.wait_until_at(3) == [1, 2, 3]


async def test_a_slow_reader_is_cut_and_holds_nobody_up(either: World) -> None:
    healthy, stuck = await either.listener_in(), await stuck_phone(either)
    big = json.dumps({"t": "ev", "s": ROOM, "k": "test.big", "d": "x" * 32_000}).encode()

    async with asyncio.timeout(10):
        for _ in range(2000):
            either.bus.publish(Wake(ROOM, None, big))
            await healthy.wait_for_kind("test.big")
            if either.hub.presence.here(ROOM).count == 1:
                break

    assert either.hub.presence.here(ROOM).count == 1
    assert await stuck.end() in (Code.SLOW, 0, 1006)  # what it reads of the end is its own affair


async def stuck_phone(world: World) -> Any:
    """Return a phone that stops reading; its system buffers little for it."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.setblocking(False)
    await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", world.port))
    phone = await world.phone(sock=small, max_queue=1)
    await phone.hello()
    await phone.subscribe()
    return phone


async def test_a_phone_that_reads_again_in_time_is_caught_up(tmp_path: Path) -> None:
    patient = Limits(patience=60, sweep=0.02, poll=0.05)
    async with running(tmp_path, patient) as world:
        stuck, healthy = await stuck_phone(world), await world.listener_in()
        big = json.dumps({"t": "ev", "s": ROOM, "k": "test.big", "d": "x" * 32_000}).encode()
        (slow,) = [p for p in world.hub._phones if p.present.peer != healthy_peer(world)]
        while slow._slow_since is None:  # type: ignore[attr-defined]
            world.bus.publish(Wake(ROOM, None, big))
            await healthy.wait_for_kind("test.big")

        await world.turn_pages(1, 2, 3)
        await healthy.wait_until_at(3)

        assert await stuck.wait_until_at(3) == [1, 2, 3]


def healthy_peer(world: World) -> str:
    return list(world.hub._peers)[-1]
