"""What a hostile phone may try: each attempt ends in its close code, and nobody else notices.

Everything runs over both ways to a phone; frames that a library would not make are made here.
"""

import asyncio
import json
import struct
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from realtime.frames import Code
from tests.realtime.world import ROOM, Phone, World, eventually

TEXT, BINARY, CONTINUATION, PING = 0x1, 0x2, 0x0, 0x9
MASK = b"\x01\x02\x03\x04"


def frame(
    opcode: int, data: bytes, *, fin: bool = True, rsv: int = 0, masked: bool = True
) -> bytes:
    """An RFC 6455 frame as a client sends it, or should not."""
    head = (0x80 if fin else 0) | (rsv << 4) | opcode
    mask = 0x80 if masked else 0
    if len(data) < 126:
        front = struct.pack("!BB", head, mask | len(data))
    elif len(data) < 1 << 16:
        front = struct.pack("!BBH", head, mask | 126, len(data))
    else:
        front = struct.pack("!BBQ", head, mask | 127, len(data))
    if not masked:
        return front + data
    return front + MASK + bytes(byte ^ MASK[place % 4] for place, byte in enumerate(data))


async def attacker(world: World) -> Phone:
    phone = await world.phone()
    await phone.hello()
    return phone


@pytest.fixture
async def bystander(either: World) -> AsyncGenerator[Phone]:
    """A phone that must still hear everything when the attack is over."""
    phone = await either.listener_in()
    yield phone
    await either.turn_pages(1)
    assert await phone.wait_until_at(1) == [1]


def nested(depth: int) -> str:
    return '{"d":' * depth + "{}" + "}" * depth


COMMAND = (
    '{"t":"cmd","i":1,"k":"page.turn","s":"room:m1","key":"00000000-0000-7000-8000-000000000000"'
)
WRONG_FRAMES = {
    "no json": "not json",
    "nothing": "",
    "a list": "[]",
    "a number": "4",
    "null": "null",
    "no kind": "{}",
    "an unknown kind": '{"t":"nonsense"}',
    "a kind that is no text": '{"t":7}',
    "a frame of the server's": '{"t":"welcome"}',
    "a forged event": '{"t":"ev","s":"room:m1","q":9,"k":"meeting.closed","d":{}}',
    "a forged goodbye": '{"t":"bye","code":4403}',
    "an unknown field": '{"t":"ping","extra":1}',
    "a second hello": '{"t":"hello","v":1}',
    "a number as text": '{"t":"sub","i":"1","s":"room:m1","from":"head"}',
    "a number below nought": '{"t":"sub","i":-1,"s":"room:m1","from":"head"}',
    "a number with a fraction": '{"t":"sub","i":1.5,"s":"room:m1","from":"head"}',
    "a truth as a number": '{"t":"sub","i":true,"s":"room:m1","from":"head"}',
    "a number beyond 2^53": '{"t":"sub","i":9007199254740993,"s":"room:m1","from":"head"}',
    "a number beyond 2^64": '{"t":"ack","p":{"room:m1":99999999999999999999999999}}',
    "a number beyond all floats": '{"t":"ack","p":{"room:m1":1e999}}',
    "not a number": COMMAND + ',"d":{"page":NaN}}',
    "a position of one part": '{"t":"sub","i":1,"s":"room:m1","from":["e"]}',
    "a position of three": '{"t":"sub","i":1,"s":"room:m1","from":["e",1,2]}',
    "no such start": '{"t":"sub","i":1,"s":"room:m1","from":"yesterday"}',
    "a path as a stream": '{"t":"sub","i":1,"s":"../etc/passwd","from":"head"}',
    "a pattern as a stream": '{"t":"sub","i":1,"s":"user:*","from":"head"}',
    "NUL in a stream": '{"t":"sub","i":1,"s":"room:\\u0000","from":"head"}',
    "a line break in a stream": '{"t":"sub","i":1,"s":"room:m1\\n","from":"head"}',
    "a bare NUL": '{"t":"ping"}\x00',
    "half a character": '{"t":"auth","ticket":"\\ud800","i":1}',
    "too many streams": json.dumps({"t": "ack", "p": {f"room:{n}": 1 for n in range(65)}}),
    "endless nesting": nested(10_000),
    "nesting in a command": COMMAND + ',"d":' + nested(5_000) + "}",
    "no key that is a uuid": COMMAND.replace("00000000-0000", "x") + "}",
    "a ticket without an end": json.dumps({"t": "auth", "i": 1, "ticket": "x" * 4097}),
    "a ticket out of turn": '{"t":"auth","ticket":"x"}',
}


async def test_what_is_no_frame_ends_the_conversation(either: World, bystander: Phone) -> None:
    ends = {}

    for name, said in WRONG_FRAMES.items():
        phone = await attacker(either)
        await phone.socket.send(said)
        bye = await phone.wait_for(lambda answer: answer["t"] == "bye")
        ends[name] = (bye["code"], bye["retry"], await phone.end())

    assert ends == dict.fromkeys(WRONG_FRAMES, (Code.BAD_FRAME, None, Code.BAD_FRAME))


async def test_a_binary_message_is_no_frame(either: World, bystander: Phone) -> None:
    phone = await attacker(either)

    await phone.socket.send(b'{"t":"ping"}')

    assert await phone.end() == Code.BAD_FRAME


async def test_before_its_ticket_a_phone_may_say_nothing_else(either: World) -> None:
    for said in ('{"t":"hello","v":1}', '{"t":"sub","i":1,"s":"room:m1","from":"head"}'):
        stranger = await either.dial("khonggiay.v1")

        await stranger.socket.send(said)

        assert await stranger.end() in {Code.UNAUTHENTICATED, Code.BAD_FRAME}


async def test_a_ticket_in_the_url_lets_nobody_in(either: World) -> None:
    ticket = either.gate.ticket()
    stranger = await either.dial("khonggiay.v1", query=f"?ticket={ticket}")

    await stranger.say(t="hello", v=1)

    assert await stranger.end() == Code.UNAUTHENTICATED
    assert ticket in either.gate.tickets


async def test_of_two_tickets_in_one_handshake_only_one_is_used(either: World) -> None:
    first, second = either.gate.ticket(), either.gate.ticket()

    phone = await either.dial("khonggiay.v1", f"ticket.{first}", f"ticket.{second}")
    await phone.hello()

    assert list(either.gate.tickets) == [second]


async def test_what_comes_with_and_after_the_ticket_is_heard_in_order(either: World) -> None:
    """A phone that saves round trips sends everything at once, without waiting to be let in."""
    phone = await either.dial("khonggiay.v1")

    await phone.say(t="auth", ticket=either.gate.ticket())
    await phone.say(t="hello", v=1)
    await phone.say(t="sub", i=1, s=ROOM, **{"from": "head"})

    assert (await phone.hear())["t"] == "welcome"
    assert (await phone.hear())["t"] == "ok"


async def test_a_message_in_pieces_is_one_message(either: World, bystander: Phone) -> None:
    phone = await attacker(either)
    pieces = [b'{"t":', b"", b'"pi', b'ng"}']

    for place, piece in enumerate(pieces):
        opcode = CONTINUATION if place else TEXT
        phone.socket.transport.write(frame(opcode, piece, fin=place == len(pieces) - 1))

    assert (await phone.hear())["t"] == "pong"


async def test_pieces_do_not_add_up_to_more_than_a_message_may_be(
    either: World, bystander: Phone
) -> None:
    phone = await attacker(either)
    phone.socket.transport.write(frame(TEXT, b"x" * 40_000, fin=False))
    phone.socket.transport.write(frame(CONTINUATION, b"x" * 40_000))
    assert await phone.end() == Code.TOO_LARGE

    phone = await attacker(either)
    phone.socket.transport.write(frame(TEXT, b"x" * 60_000, fin=False))
    for _ in range(4):
        phone.socket.transport.write(frame(CONTINUATION, b"x" * 60_000, fin=False))
    assert await phone.end() == 1009


async def test_a_message_that_announces_more_than_it_may_is_not_waited_for(either: World) -> None:
    phone = await attacker(either)

    phone.socket.transport.write(struct.pack("!BBQ", 0x81, 0x80 | 127, 1 << 40) + MASK)

    assert await phone.end() == 1009


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (frame(TEXT, b"{}", masked=False), 1002),
        (frame(TEXT, b"{}", rsv=4), 1002),  # compressed, though nothing was agreed on
        (frame(CONTINUATION, b"{}"), 1002),
        (frame(0x3, b"{}"), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(PING, b"x", fin=False), 1002),
        (frame(TEXT, b"\xff\xfe"), 1007),
        (frame(TEXT, b"{", fin=False) + frame(TEXT, b"{}"), 1002),
    ],
    ids=["unmasked", "compressed", "no beginning", "unknown opcode", "long ping", "half a ping",
         "no utf-8", "in between"],
)  # fmt: skip
async def test_what_breaks_the_websocket_rules_gets_their_codes(
    either: World, bystander: Phone, raw: bytes, code: int
) -> None:
    phone = await attacker(either)

    phone.socket.transport.write(raw)

    assert await phone.end() == code


async def test_a_flood_of_frames_is_cut(either: World, bystander: Phone) -> None:
    phone = await attacker(either)

    phone.socket.transport.write(frame(TEXT, b'{"t":"ping"}') * 5000)

    bye = await phone.wait_for(lambda answer: answer["t"] == "bye")
    assert bye == {"t": "bye", "code": Code.RATE, "retry": 5}
    assert await phone.end() == Code.RATE


async def test_a_flood_of_questions_is_cut(either: World, bystander: Phone) -> None:
    phone = await attacker(either)

    for number in range(60):
        await phone.say(t="sub", i=number, s=f"room:{number}", **{"from": "head"})

    assert await phone.end() == Code.RATE


async def test_a_flood_of_websocket_pings_is_cut(world: World) -> None:
    phone = await attacker(world)

    phone.socket.transport.write(frame(PING, b"x" * 125) * 5000)

    assert await phone.end() == Code.RATE


async def test_websocket_pings_of_a_library_are_answered(either: World) -> None:
    phone = await attacker(either)

    async with asyncio.timeout(5):
        for _ in range(5):
            await (await phone.socket.ping())


async def test_whoever_answers_no_ping_is_given_up(either: World) -> None:
    phone = await either.phone()
    await phone.say(t="hello", v=1, hb=15)
    await phone.wait_for(lambda answer: answer["t"] == "welcome")
    (connection,) = either.hub._phones
    session: Any = connection._session  # type: ignore[attr-defined]

    session._heard_at -= 15
    await phone.wait_for(lambda answer: answer["t"] == "ping")
    session._pinged_at -= 10

    assert await phone.end() == Code.SLOW


async def test_whoever_vanishes_leaves_nothing_behind(either: World) -> None:
    phones = [await either.listener_in() for _ in range(10)]

    for phone in phones:
        phone.socket.transport.abort()

    await eventually(lambda: not either.hub._phones and not either.hub._channels)
    assert not either.hub._devices
    assert not either.hub._peers


async def test_a_fault_of_ours_is_told_and_may_be_tried_again(either: World) -> None:
    either.gate.fails = True

    stranger = await either.phone()

    bye = await stranger.wait_for(lambda answer: answer["t"] == "bye")
    assert bye == {"t": "bye", "code": Code.INTERNAL, "retry": 5}
    assert await stranger.end() == Code.INTERNAL


async def test_a_closed_socket_is_written_to_no_more(either: World) -> None:
    phone = await either.listener_in()
    await phone.socket.send("{")
    await either.turn_pages(1)

    await phone.end()

    with pytest.raises(ConnectionClosed):
        await phone.hear()
    assert phone.events == []
