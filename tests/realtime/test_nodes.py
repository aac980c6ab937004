"""Two nodes of one installation: what happens on one is heard on the other."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from typing_extensions import override

from core.actor import Actor
from core.bus.local import LocalBus
from core.bus.port import LOST, Heard
from realtime.frames import Code
from realtime.limits import Limits
from tests.realtime.world import ROOM, Frame, Phone, World, eventually, running

#: A phone that moves has a second for it, however busy the machine is.
QUICK = Limits(settle=0.01, linger=1, sweep=0.02, parts=0.1)


class LossyBus(LocalBus):
    """Loses everything while it is told to."""

    loses = False

    @override
    def publish(self, heard: Heard) -> None:
        if not self.loses:
            super().publish(heard)


@dataclass
class Nodes:
    """Two processes, and the bus between them."""

    here: World
    there: World
    bus: LossyBus


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncGenerator[Nodes]:
    bus = LossyBus()
    async with (
        running(tmp_path, QUICK, bus=bus) as here,
        running(tmp_path, QUICK, bus=bus) as there,
    ):
        yield Nodes(here, there, bus)


async def hears_of(phone: Phone, count: int) -> Frame:
    """Wait until a phone is told how many are in the room."""
    return await phone.wait_for(
        lambda frame: frame.get("k") == "room.presence" and frame["d"]["count"] == count
    )


async def test_an_event_of_one_node_reaches_the_phones_of_the_other(nodes: Nodes) -> None:
    phone = await nodes.there.listener_in()

    await nodes.here.turn_pages(1, 2, 3)

    assert await phone.wait_until_at(3) == [1, 2, 3]


async def test_a_phone_resumes_on_the_other_node(nodes: Nodes) -> None:
    phone = await nodes.here.listener_in()
    await nodes.here.turn_pages(1, 2)
    await phone.wait_until_at(2)
    epoch = (await nodes.here.realtime.log.mark(ROOM)).epoch
    phone.socket.transport.abort()
    await nodes.here.turn_pages(3)

    again = await nodes.there.phone()
    await again.hello(**{ROOM: (epoch, 2)})
    await nodes.here.turn_pages(4)

    assert await again.wait_until_at(4) == [3, 4]


async def test_a_device_that_connects_to_another_node_replaces_its_older_socket(
    nodes: Nodes,
) -> None:
    device = uuid4()
    older = await nodes.here.phone(device)
    await older.hello()

    newer = await nodes.there.phone(device)
    await newer.hello()

    assert await older.end() == Code.REPLACED
    assert nodes.there.hub.is_connected(device)
    assert (await newer.subscribe())["t"] == "ok"


@pytest.mark.parametrize("turns", [(1, 2), (2, 1)])
async def test_the_socket_that_was_let_in_last_stays_whoever_comes_through_first(
    nodes: Nodes, turns: tuple[int, int]
) -> None:
    actor = Actor(id=uuid4(), agency_id=uuid4(), device_id=uuid4())
    for world in (nodes.here, nodes.there):
        sockets = {}
        for turn in turns:
            world.gate.turns = iter([turn])
            sockets[turn] = await dial(world, actor)
            await eventually(partial(has_admitted, world))

        assert await sockets[1].end() == Code.REPLACED
        await sockets[2].hello()
        await sockets[2].socket.close()
        await eventually(partial(is_without, world, actor))


def has_admitted(world: World) -> bool:
    return not world.gate.tickets


def is_without(world: World, actor: Actor) -> bool:
    return not world.hub.is_connected(actor.device_id)


async def dial(world: World, actor: Actor) -> Phone:
    """Open a socket for somebody, and say nothing."""
    world.gate.tickets["ticket"] = actor
    return await world.dial("khonggiay.v1", "ticket.ticket")


async def test_a_replacement_that_the_bus_lost_is_made_good(nodes: Nodes) -> None:
    device = uuid4()
    older = await nodes.here.phone(device)
    await older.hello()
    nodes.bus.loses = True
    newer = await nodes.there.phone(device)
    await newer.hello()
    nodes.bus.loses = False

    nodes.bus.publish(LOST)

    assert await older.end() == Code.REPLACED
    assert (await newer.subscribe())["t"] == "ok"


async def test_a_room_is_the_same_on_every_node(nodes: Nodes) -> None:
    here = await nodes.here.listener_in()
    there = await nodes.there.listener_in()
    await hears_of(here, 2)
    await hears_of(there, 2)

    await there.ask(t="unsub", i=4, s=ROOM)

    gone = await hears_of(here, 1)
    assert len(gone["d"]["left"]) == 1


async def test_who_moves_to_another_node_has_not_left(nodes: Nodes) -> None:
    watching = await nodes.here.listener_in()
    actor = Actor(id=uuid4(), agency_id=uuid4(), device_id=uuid4())
    phone = await dial(nodes.here, actor)
    await phone.hello()
    await phone.subscribe()
    await hears_of(watching, 2)

    moved = await dial(nodes.there, actor)
    await moved.hello()
    await moved.subscribe()
    assert await phone.end() == Code.REPLACED
    third = await nodes.there.listener_in()
    told = await hears_of(watching, 3)
    await third.ask(t="unsub", i=4, s=ROOM)

    left = await hears_of(watching, 2)
    assert [one["peer"] for one in told["d"]["joined"]] == [
        one["peer"] for one in left["d"]["left"]
    ]
    assert str(actor.device_id) not in str(left)


async def test_who_was_on_a_node_that_died_is_missed(nodes: Nodes) -> None:
    here = await nodes.here.listener_in()
    await nodes.there.listener_in()
    await hears_of(here, 2)

    nodes.there._work.cancel()  # its phones are still open, and it says nothing any more

    await hears_of(here, 1)


async def test_what_the_bus_lost_of_a_room_is_told_again(nodes: Nodes) -> None:
    here = await nodes.here.listener_in()
    nodes.bus.loses = True
    await nodes.there.listener_in()
    nodes.bus.loses = False

    await hears_of(here, 2)


async def test_phones_of_two_nodes_open_a_connection_to_each_other(nodes: Nodes) -> None:
    caller, called = await nodes.here.listener_in(), await nodes.there.listener_in()
    await hears_of(caller, 2)
    (peer,) = nodes.there.hub._peers

    word = {"to": peer, "candidate": ""}
    await caller.say(t="cmd", i=7, k="rtc.ice", s=ROOM, d=word)

    assert (await called.wait_for_kind("rtc.ice"))["d"]["candidate"] == ""
