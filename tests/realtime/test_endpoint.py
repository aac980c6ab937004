"""Over a real server: who comes in, what is refused with which code, and nothing is lost."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from core.actor import Actor
from core.bus.port import LOST, Wake
from core.db import tell_nobody
from realtime.frames import Code
from realtime.limits import Limits
from tests.realtime.world import ROOM, World, eventually, running

SILENT = Limits(hello=0.1, sweep=0.02)


async def test_a_phone_is_welcomed_with_its_ticket_as_a_subprotocol(world: World) -> None:
    phone = await world.phone()

    welcome = await phone.hello()

    assert phone.socket.subprotocol == "khonggiay.v1"
    assert welcome["hb"] == 25
    assert welcome["keep"]["user"] == 30 * 24 * 3600


async def test_a_phone_that_cannot_name_subprotocols_sends_its_ticket_first(world: World) -> None:
    phone = await world.dial()

    await phone.say(t="auth", ticket=world.gate.ticket())

    assert (await phone.hello())["streams"] == {}


async def test_a_ticket_opens_once(world: World) -> None:
    ticket = world.gate.ticket()
    first = await world.dial("khonggiay.v1", f"ticket.{ticket}")
    await first.hello()

    replayed = await world.dial("khonggiay.v1", f"ticket.{ticket}")

    assert await replayed.end() == Code.UNAUTHENTICATED
    assert (await first.ask(t="sub", i=1, s=ROOM, **{"from": "head"}))["t"] == "ok"


async def test_a_new_ticket_of_the_same_phone_lets_it_stay_longer(world: World) -> None:
    actor = Actor(id=uuid4(), agency_id=uuid4(), device_id=uuid4())
    world.gate.tickets |= {"first": actor, "second": actor}
    phone = await world.dial("khonggiay.v1", "ticket.first")
    welcome = await phone.hello()

    answer = await phone.ask(t="auth", ticket="second", i=2)

    assert answer["exp"] > welcome["exp"]


async def test_a_ticket_of_another_phone_does_not_let_it_stay(world: World) -> None:
    phone = await world.phone()
    await phone.hello()

    await phone.say(t="auth", ticket=world.gate.ticket(), i=2)

    assert await phone.end() == Code.UNAUTHENTICATED


async def test_a_phone_whose_time_is_over_is_cut(tmp_path: Path) -> None:
    async with running(tmp_path, SILENT) as world:
        world.gate.stays = timedelta(seconds=0.1)
        phone = await world.phone()
        await phone.hello()

        assert await phone.end() == Code.UNAUTHENTICATED


async def test_an_unknown_protocol_is_refused_in_the_handshake(world: World) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await world.dial("graphql-ws")

    assert refused.value.response.status_code == 403


async def test_silence_instead_of_a_ticket_or_a_hello_is_cut(tmp_path: Path) -> None:
    async with running(tmp_path, SILENT) as world:
        stranger, guest = await world.dial(), await world.phone()

        assert await stranger.end() == Code.UNAUTHENTICATED
        assert await guest.end() == Code.BAD_FRAME


async def test_a_drop_loses_nothing_and_repeats_nothing(world: World) -> None:
    phone = await world.listener_in()
    await world.turn_pages(1, 2, 3)
    seen = await phone.wait_until_at(3)
    epoch = (await world.realtime.log.mark(ROOM)).epoch
    phone.socket.transport.abort()
    await world.turn_pages(4, 5, 6)

    again = await world.phone()
    welcome = await again.hello(**{ROOM: (epoch, 3)})
    await world.turn_pages(7)

    assert welcome["streams"][ROOM] == {"ep": epoch, "head": 6, "state": "recovered", "n": 3}
    assert seen + await again.wait_until_at(7) == [1, 2, 3, 4, 5, 6, 7]


async def test_events_between_looking_and_listening_are_not_missed(world: World) -> None:
    await world.turn_pages(*range(1, 30))
    phone = await world.phone()
    await phone.hello()
    epoch = (await world.realtime.log.mark(ROOM)).epoch

    async with asyncio.TaskGroup() as group:
        group.create_task(world.turn_pages(*range(30, 80)))
        group.create_task(phone.say(t="sub", i=1, s=ROOM, **{"from": [epoch, 0]}))

    assert await phone.wait_until_at(79) == list(range(1, 80))


async def test_what_the_bus_lost_comes_from_the_log(tmp_path: Path) -> None:
    async with running(tmp_path, Limits(poll=0.05)) as world:
        phone = await world.listener_in()
        world.bus.publish(Wake(ROOM, 3, b'{"t":"ev","q":3}'))  # heard of, not there
        world.db._tell = tell_nobody  # whoever commits dies before it can tell

        await world.turn_pages(1, 2)

        assert await phone.wait_until_at(2) == [1, 2]


async def test_a_bus_that_knows_it_lost_something_has_the_log_read_at_once(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, Limits(poll=3600)) as world:
        phone = await world.listener_in()
        world.db._tell = tell_nobody
        await world.turn_pages(1, 2)

        world.bus.publish(LOST)

        assert await phone.wait_until_at(2) == [1, 2]


async def test_an_event_too_large_for_the_bus_comes_from_the_log(tmp_path: Path) -> None:
    async with running(tmp_path, Limits(poll=3600)) as world:
        phone = await world.listener_in()
        world.db._tell = tell_nobody
        await world.turn_pages(1, padding="x" * 100)

        world.bus.publish(Wake(ROOM, 1, b""))

        await phone.wait_until_at(1)
        assert phone.events[0]["d"]["padding"] == "x" * 100


async def test_a_snapshot_carries_its_position(world: World) -> None:
    await world.turn_pages(1, 2)
    phone = await world.phone()
    await phone.hello()

    answer = await phone.subscribe(start="snapshot")
    await world.turn_pages(3)

    assert (answer["head"], answer["snap"]) == (2, {"page": 1})
    assert await phone.wait_until_at(3) == [3]


async def test_a_position_that_cannot_be_resumed_is_told_so(world: World) -> None:
    await world.turn_pages(1)
    phone = await world.phone()

    welcome = await phone.hello(**{ROOM: ("another-log", 1)})

    assert welcome["streams"][ROOM]["state"] == "resync"
    assert welcome["streams"][ROOM]["why"] == "epoch"


async def test_a_stream_that_is_not_yours_does_not_exist(world: World) -> None:
    world.gate.hidden.add(ROOM)
    phone = await world.phone()

    welcome = await phone.hello(**{ROOM: ("e", 0)})
    answer = await phone.subscribe()
    await world.turn_pages(1)
    await phone.say(t="ping")

    assert welcome["streams"][ROOM] == {"state": "refused"}
    assert (answer["t"], answer["code"]) == ("err", "not_found")
    assert (await phone.hear())["t"] == "pong"


async def test_commands_are_answered_with_ok_or_with_a_code(world: World) -> None:
    phone = await world.listener_in()
    key = str(uuid4())

    done = await phone.turn(7)
    forbidden = await phone.ask(t="cmd", i=8, k="page.forbidden", s=ROOM, key=key)
    unknown = await phone.ask(t="cmd", i=9, k="page.burn", s=ROOM, key=key)
    keyless = await phone.ask(t="cmd", i=10, k="page.turn", s=ROOM, d={"page": 1})
    broken = await phone.ask(t="cmd", i=11, k="page.turn", s=ROOM, key=key)

    assert done == {"t": "ok", "i": 7, "d": {"page": 7}}
    assert (forbidden["code"], forbidden["retry"]) == ("forbidden", None)
    assert unknown["code"] == "realtime.unknown_command"
    assert keyless["code"] == "realtime.key_missing"
    assert (broken["code"], broken["retry"]) == ("internal", 5)


async def test_acknowledgements_are_passed_on(world: World) -> None:
    phone = await world.listener_in()
    await world.turn_pages(1, 2)
    await phone.wait_until_at(2)

    await phone.say(t="ack", p={ROOM: 2})

    await eventually(lambda: world.gate.acks == [(ROOM, 2)])


async def test_the_last_acknowledgements_of_a_phone_that_goes_are_passed_on(world: World) -> None:
    phone = await world.listener_in()
    await world.turn_pages(1, 2, 3)
    await phone.wait_until_at(3)

    for seq in (1, 2, 3):
        await phone.say(t="ack", p={ROOM: seq})
    await phone.socket.close()

    await eventually(lambda: world.gate.acks == [(ROOM, 1), (ROOM, 3)])


async def test_who_acknowledges_what_was_never_sent_is_cut(world: World) -> None:
    phone = await world.listener_in()

    await phone.say(t="ack", p={ROOM: 1})

    assert await phone.end() == Code.BAD_FRAME


async def test_the_same_device_replaces_its_older_socket(world: World) -> None:
    device = uuid4()
    older = await world.phone(device)
    await older.hello()

    newer = await world.phone(device)
    await newer.hello()

    assert await older.end() == Code.REPLACED
    assert world.hub.is_connected(device)


async def test_a_revoked_device_is_cut_at_once(world: World) -> None:
    device = uuid4()
    phone = await world.phone(device)
    await phone.hello()

    assert world.hub.drop_device(device)

    bye = await phone.hear()
    assert bye == {"t": "bye", "code": 4403, "retry": None}
    assert await phone.end() == Code.REVOKED
    await eventually(lambda: not world.hub.is_connected(device))


async def test_the_same_device_on_another_node_replaces_its_older_socket(world: World) -> None:
    device = uuid4()
    older = await world.phone(device)
    await older.hello()
    there = f"device:{device}"

    world.bus.publish(Wake(there, None, b"0"))  # older still
    await older.say(t="ping")
    await older.wait_for(lambda frame: frame["t"] == "pong")
    world.bus.publish(Wake(there, None, b"1000000"))

    assert await older.end() == Code.REPLACED


async def test_a_right_that_was_lost_ends_the_stream_and_not_the_conversation(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, Limits(recheck=0.05, sweep=0.02)) as world:
        phone = await world.listener_in()
        world.gate.hidden.add(ROOM)

        reset = await phone.wait_for(lambda frame: frame["t"] == "reset")
        await world.turn_pages(1)
        again = await phone.subscribe()

        assert reset == {"t": "reset", "s": ROOM, "why": "gone"}
        assert again["code"] == "not_found"
        assert phone.events == []


@pytest.mark.parametrize("whose", ["official", "stream"])
async def test_a_right_that_is_known_to_be_lost_ends_the_stream_at_once(
    world: World, whose: str
) -> None:
    phone = await world.listener_in()
    (official_id,) = {one.present.who for one in world.realtime.hub._phones}
    world.gate.hidden.add(ROOM)

    async with asyncio.timeout(1):
        if whose == "official":
            world.realtime.hub.recheck(official_id)
        else:
            world.realtime.hub.recheck_stream(ROOM)
        reset = await phone.wait_for(lambda frame: frame["t"] == "reset")

    assert reset == {"t": "reset", "s": ROOM, "why": "gone"}
    world.realtime.hub.recheck_stream("room:nobody-is-in")


async def test_a_stopping_server_says_when_to_come_back(world: World) -> None:
    phones = [await world.listener_in() for _ in range(3)]
    stranger = await world.dial()

    async with asyncio.timeout(3):
        await world.served.stop()

    for phone in [*phones, stranger]:
        bye = await phone.wait_for(lambda frame: frame["t"] == "bye")
        assert bye == {"t": "bye", "code": 4503, "retry": 5}
        assert await phone.end() == Code.DRAINING


async def test_two_hundred_phones_hear_the_same_bytes(world: World) -> None:
    phones = await asyncio.gather(*(world.listener_in() for _ in range(200)))

    await world.turn_pages(*range(1, 6))

    heard = await asyncio.gather(*(phone.wait_until_at(5) for phone in phones))
    assert heard == [[1, 2, 3, 4, 5]] * 200
    assert all(phone.events == phones[0].events for phone in phones)


async def test_presence_tells_who_came_and_who_went(world: World) -> None:
    first = await world.listener_in()
    second = await world.listener_in()
    arrival = await first.wait_for(
        lambda frame: frame.get("k") == "room.presence" and frame["d"]["count"] == 2
    )

    await second.ask(t="unsub", i=4, s=ROOM)

    gone = await first.wait_for(
        lambda frame: frame.get("k") == "room.presence" and bool(frame["d"]["left"])
    )
    assert "q" not in arrival
    assert gone["d"]["count"] == 1
    assert gone["d"]["joined"] == []
