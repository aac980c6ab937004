"""What every media engine does, with real WebRTC phones that call it over the room's socket."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import pytest

from core.media import Janus
from core.sandbox import program
from realtime.floor import Speaking
from realtime.limits import Limits
from realtime.media.aiortc import AiortcEngine
from realtime.media.janus import JanusEngine
from realtime.media.janus_rooms import Address
from realtime.media.janus_wire import Json, Session
from realtime.media.null import NullEngine
from realtime.media.port import SLOTS, Engine, Floor
from tests.realtime.world import ROOM, Phone, World, running
from tests.support.calls import PATIENCE, RATE, TOLERANCE, Call, offering, pitch_of
from tests.support.janus import KEY, JanusServer, janus_server
from tests.support.namespaces import namespace
from tests.support.waiting import until_found

LOW, MIDDLE, HIGH, HIGHEST = 300, 500, 800, 1300
SOME = 40
#: Among the pictures of a listener.
CAMERA, SCREEN = 0, 1
LOOPBACK = "127.0.0.1"


class Refused(Exception):
    """The engine, or the room, refused."""


@dataclass
class Caller:
    """Somebody in the room with a phone that can call."""

    who: UUID
    phone: Phone
    stream: str
    call: Call = field(init=False)
    count: int = 10

    def __post_init__(self) -> None:
        self.call = Call(self.ask)

    async def ask(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        answer = await self.phone.ask(t="cmd", i=self.count, k=kind, s=self.stream, d=data)
        if answer["t"] == "err":
            raise Refused(answer["code"])
        return dict(answer["d"])


@dataclass
class Room:
    """A room with an engine, whose floor the test gives."""

    world: World
    callers: AsyncExitStack
    stream: str
    recordings: Path
    people: list[Caller] = field(default_factory=list)
    pages: int = 0

    async def caller(self, *, may_hear: bool = True) -> Caller:
        ticket = self.world.gate.ticket()
        actor = self.world.gate.tickets[ticket]
        phone = await self.world.dial("khonggiay.v1", f"ticket.{ticket}")
        await phone.hello()
        await phone.subscribe(self.stream)
        await phone.wait_for(is_ready)
        one = Caller(actor.id, phone, self.stream)
        self.callers.push_async_callback(one.call.close)
        if may_hear:
            self.people.append(one)
            await self.floor()
        return one

    async def floor(
        self, *speakers: Caller, presenter: Caller | None = None, recording: UUID | None = None
    ) -> None:
        """Give the floor, as a durable event tells everybody."""
        self.world.gate.floors[self.stream] = Speaking(
            tuple(one.who for one in speakers),
            frozenset(one.who for one in self.people),
            presenter.who if presenter else None,
            recording,
        )
        self.pages += 1
        await self.world.turn_pages(self.pages, stream=self.stream)


def is_ready(frame: dict[str, Any]) -> bool:
    return frame.get("k") == "room.media" and frame["d"]["state"] == "ready"


def is_lost(frame: dict[str, Any]) -> bool:
    return frame.get("k") == "room.media" and frame["d"]["state"] == "lost"


@pytest.fixture(scope="module")
def janus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JanusServer]:
    """One Janus for all tests of this process; every test has a room of its own in it."""
    with (
        namespace() as network,
        janus_server(network, tmp_path_factory.mktemp("janus")) as server,
    ):
        yield server


@pytest.fixture(params=["aiortc", pytest.param("janus", marks=pytest.mark.engines)])
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Room]:
    async with AsyncExitStack() as stack:
        if request.param == "janus":
            server: JanusServer = request.getfixturevalue("janus")
            address, engine = server.network.outside, engine_at(server, tmp_path)
        else:
            address, engine = LOOPBACK, AiortcEngine(LOOPBACK, tmp_path)
        await stack.enter_async_context(offering(address))
        world = await stack.enter_async_context(running(tmp_path, engine=engine))
        callers = await stack.enter_async_context(AsyncExitStack())
        yield Room(world, callers, f"room:{uuid4()}", tmp_path)


def engine_at(server: JanusServer, recordings: Path | None = None) -> Engine:
    return JanusEngine(Address(server.url, KEY), recordings)


async def test_everybody_hears_who_has_the_floor_and_the_speaker_no_echo(room: Room) -> None:
    speaker, first, second = [await room.caller() for _ in range(3)]
    for one in (speaker, first, second):
        await one.call.listen()
    await speaker.call.publish(MIDDLE)

    await room.floor(speaker)
    await first.call.hears(MIDDLE)
    await second.call.hears(MIDDLE)

    assert await speaker.call.heard() == [0] * SLOTS
    assert (await first.call.heard())[1:] == [0] * (SLOTS - 1)


async def test_another_speaker_is_heard_in_the_same_slot_without_a_new_description(
    room: Room,
) -> None:
    low, high, listener = [await room.caller() for _ in range(3)]
    await low.call.publish(LOW)
    await high.call.publish(HIGH)
    await listener.call.listen()

    for _ in range(2):
        await room.floor(low)
        await listener.call.hears(LOW)
        await room.floor(high)
        await listener.call.hears(HIGH)

    assert (await listener.call.heard())[1:] == [0] * (SLOTS - 1)


async def test_who_has_not_the_floor_is_passed_on_to_nobody(room: Room) -> None:
    speaker, listener = await room.caller(), await room.caller()
    await listener.call.listen()
    await speaker.call.publish(MIDDLE)

    await speaker.call.sent(SOME)

    assert await listener.call.heard() == [0] * SLOTS


async def test_three_speak_at_once_and_a_fourth_does_not(room: Room) -> None:
    pitches = (LOW, MIDDLE, HIGH, HIGHEST)
    speakers = [await room.caller() for _ in pitches]
    listener = await room.caller()
    await listener.call.listen()
    for one, pitch in zip(speakers, pitches, strict=True):
        await one.call.publish(pitch)

    await room.floor(*speakers)

    for slot, pitch in enumerate(pitches[:SLOTS]):
        await listener.call.hears(pitch, slot)
    told = await listener.phone.wait_for(lambda frame: told_slots(frame)[:1] == [speakers[0].who])
    assert told_slots(told) == [one.who for one in speakers[:SLOTS]]


def told_slots(frame: dict[str, Any]) -> list[UUID | None]:
    """Return whose voices `room.media` says the slots carry."""
    slots = frame["d"]["slots"] if frame.get("k") == "room.media" else []
    return [UUID(who) if who else None for who in slots]


async def hears_nothing_more(listener: Caller, speaker: Caller) -> None:
    """Wait until nothing comes in any more while the speaker goes on."""
    async with asyncio.timeout(PATIENCE):
        before, after = [-1], await listener.call.heard()
        while after != before:
            await speaker.call.sent(SOME)
            before, after = after, await listener.call.heard()


async def test_who_may_hear_no_more_gets_no_packet_more(room: Room) -> None:
    speaker, guest, member = [await room.caller() for _ in range(3)]
    for one in (guest, member):
        await one.call.listen()
    await speaker.call.publish(MIDDLE)
    await room.floor(speaker)
    await guest.call.hears(MIDDLE)

    room.people.remove(guest)
    await room.floor(speaker)
    await hears_nothing_more(guest, speaker)
    assert (await guest.call.heard())[0] < (await member.call.heard())[0]
    room.people.append(guest)
    await room.floor(speaker)
    await guest.call.hears(MIDDLE)


async def test_who_may_not_hear_is_refused(room: Room) -> None:
    await room.caller()
    outsider = await room.caller(may_hear=False)

    with pytest.raises(Refused, match=r"realtime\.not_let_in"):
        await outsider.call.listen()
    with pytest.raises(Refused, match=r"realtime\.not_let_in"):
        await outsider.call.publish(LOW)


async def test_a_phone_that_connects_anew_takes_the_place_of_what_it_had(room: Room) -> None:
    speaker, listener = await room.caller(), await room.caller()
    await speaker.call.publish(LOW)
    await listener.call.listen()
    await room.floor(speaker)
    await listener.call.hears(LOW)

    await speaker.call.publish(HIGH)
    await listener.call.listen()

    await listener.call.hears(HIGH)


async def test_who_leaves_sends_and_hears_no_more_and_may_come_back(room: Room) -> None:
    speaker, listener = await room.caller(), await room.caller()
    await speaker.call.publish(LOW)
    await listener.call.listen()
    await room.floor(speaker)
    await listener.call.hears(LOW)

    await speaker.ask("media.leave", {})
    await listener.ask("media.leave", {})
    with pytest.raises(Refused, match=r"realtime\.not_connecting"):
        await listener.ask("media.connect", {"sdp": ANSWER})
    await listener.call.listen()
    await speaker.call.publish(HIGH)

    await listener.call.hears(HIGH)


ANSWER = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"


@pytest.mark.parametrize(
    "sdp",
    [
        "v=0\r\n",
        ANSWER,
        ANSWER + "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" * 30,
        ANSWER + "a=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n" * 200,
        "v=0\r\nm=\r\n",
        "v=0\r\nm=audio x y z\r\n",
    ],
)
async def test_a_description_that_is_none_is_refused_and_does_no_harm(room: Room, sdp: str) -> None:
    speaker, listener = await room.caller(), await room.caller()
    with pytest.raises(Refused, match=r"realtime\.bad_description"):
        await speaker.ask("media.publish", {"sdp": sdp})

    await speaker.call.publish(LOW)
    await listener.call.listen()
    await room.floor(speaker)
    await listener.call.hears(LOW)


async def test_a_speaker_whose_connection_breaks_leaves_the_slot_to_the_next(room: Room) -> None:
    first, second, listener = [await room.caller() for _ in range(3)]
    await listener.call.listen()
    await first.call.publish(LOW)
    await second.call.publish(HIGH)
    await room.floor(first)
    await listener.call.hears(LOW)

    await first.call.close()
    await room.floor(second)

    await listener.call.hears(HIGH)


async def test_a_phone_that_is_back_within_a_moment_hears_on(room: Room) -> None:
    speaker, listener = await room.caller(), await room.caller()
    await speaker.call.publish(LOW)
    await listener.call.listen()
    await room.floor(speaker)
    await listener.call.hears(LOW)

    await listener.phone.socket.close()
    await speaker.call.sent(SOME)
    before = (await listener.call.heard())[0]
    await speaker.call.sent(SOME)

    assert (await listener.call.heard())[0] > before


async def test_what_is_passed_on_is_recorded_and_nothing_else(room: Room) -> None:
    low, high, silent, listener = [await room.caller() for _ in range(4)]
    for one, pitch in ((low, LOW), (high, HIGH), (silent, MIDDLE)):
        await one.call.publish(pitch)
    await listener.call.listen()
    recording = uuid4()
    await room.floor(low)
    await listener.call.hears(LOW)

    await room.floor(low, recording=recording)
    await low.call.sent(2 * SOME)
    await room.floor(high, recording=recording)
    await listener.call.hears(HIGH)
    await high.call.sent(2 * SOME)
    await room.floor(high)
    await listener.phone.wait_until_at(room.pages)

    folder = room.recordings / str(recording)
    await until_found(lambda: are_written(folder, 2))
    sounds = {whose: await pitch_in(path) for whose, path in whose_files(folder).items()}
    assert sounds.keys() == {low.who, high.who}
    assert sounds[low.who] == pytest.approx(LOW, rel=TOLERANCE)
    assert sounds[high.who] == pytest.approx(HIGH, rel=TOLERANCE)


async def are_written(folder: Path, count: int) -> bool:
    """Say whether an engine has written so many files to their end."""
    return len([one for one in folder.glob("*") if not one.name.endswith(".part")]) == count


def whose_files(folder: Path) -> dict[UUID, Path]:
    return {UUID(one.name.partition(".")[0]): one for one in folder.iterdir()}


async def pitch_in(path: Path) -> float:
    """Return how high the tone in a recording is; Janus's own files are unpacked first."""
    if path.suffix == ".mjr":
        path, packed = path.with_suffix(".ogg"), path
        unpacked = await program.run(Janus().unpack, str(packed), str(path))
        assert unpacked.status == 0, unpacked.complaint
    with av.open(str(path)) as opened:
        frames = list(opened.decode(audio=0))
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    return pitch_of([each for one in frames[20:] for each in resampler.resample(one)])


@pytest.mark.engines
async def test_a_room_that_everybody_has_left_is_gone_from_janus(
    janus: JanusServer, tmp_path: Path
) -> None:
    async with offering(janus.network.outside):
        quick = Limits(media=0.05, settle=0.01, linger=0.01)
        async with (
            running(tmp_path, quick, engine=engine_at(janus)) as world,
            AsyncExitStack() as ends,
        ):
            room = Room(world, ends, f"room:{uuid4()}", tmp_path)
            first, second = await room.caller(), await room.caller()
            for one in (first, second):
                await one.call.listen()
            assert room.stream in await rooms_in(janus)

            await first.phone.socket.close()
            await second.phone.socket.close()

            await until_found(lambda: is_gone(janus, room.stream))


@pytest.mark.engines
async def test_rooms_that_a_killed_server_left_go_when_it_is_back(
    janus: JanusServer, tmp_path: Path
) -> None:
    left = f"room:{uuid4()}"
    engine = JanusEngine(Address(janus.url, KEY))
    async with asyncio.timeout(PATIENCE), connected_to(engine):
        await engine._room(left)
    assert left in await rooms_in(janus)

    async with asyncio.timeout(PATIENCE), connected_to(JanusEngine(Address(janus.url, KEY))):
        assert left not in await rooms_in(janus)


@pytest.mark.engines
@pytest.mark.parametrize("room", ["janus"], indirect=True)
async def test_a_room_that_another_node_let_go_is_there_for_whoever_connects_anew(
    room: Room, janus: JanusServer
) -> None:
    speaker, listener = await room.caller(), await room.caller()
    await listener.call.listen()
    await speaker.call.publish(LOW)
    await room.floor(speaker)
    await listener.call.hears(LOW)

    other = JanusEngine(Address(janus.url, KEY), is_alone=False)
    async with asyncio.timeout(PATIENCE), connected_to(other):
        await other._room(room.stream)
        await other.set_floor(room.stream, Floor())
        await until_found(lambda: is_gone(janus, room.stream))

    await listener.call.listen()
    await speaker.call.publish(HIGH)
    await listener.call.hears(HIGH)


@asynccontextmanager
async def connected_to(engine: JanusEngine) -> AsyncGenerator[None]:
    """Keep an engine in touch with its Janus, without a word at the end."""
    ready = asyncio.Event()
    running_ = asyncio.create_task(engine.run(lambda _: ready.set()))
    await ready.wait()
    yield
    running_.cancel()
    await asyncio.gather(running_, return_exceptions=True)


async def rooms_in(janus: JanusServer) -> set[str]:
    """Ask Janus itself which rooms it has."""
    async with Session.opened(janus.url, "", None) as session:
        found: asyncio.Future[Json] = asyncio.get_running_loop().create_future()

        async def ask() -> None:
            handle = await session.attach(lambda _: None)
            found.set_result(await session.request(handle, {"request": "list", "admin_key": KEY}))

        asking = asyncio.create_task(session.run(ask))
        listed = await found
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    return {str(one["description"]) for one in listed["list"]}


async def is_gone(janus: JanusServer, stream: str) -> bool:
    return stream not in await rooms_in(janus)


@pytest.mark.parametrize("room", ["aiortc"], indirect=True)
async def test_words_of_the_presenter_reach_the_others_over_the_data_channel(room: Room) -> None:
    presenter, listener = await room.caller(), await room.caller()
    for one in (presenter, listener):
        await one.call.listen()
    await room.floor(presenter=presenter)
    await presenter.phone.wait_until_at(room.pages)

    for _ in range(3):
        listener.call.channel.send("not mine to say")
        presenter.call.channel.send('{"x": 0.5, "y": 0.25}')

    assert await listener.call.words.get() == '{"x": 0.5, "y": 0.25}'
    assert presenter.call.words.empty()


@pytest.mark.engines
@pytest.mark.parametrize("room", ["janus"], indirect=True)
async def test_the_presenters_screen_and_the_speakers_camera_are_seen_and_nobody_elses(
    room: Room,
) -> None:
    presenter, speaker, viewer = [await room.caller() for _ in range(3)]
    for one in (presenter, speaker, viewer):
        await one.call.listen()
    await presenter.call.share("screen")
    await speaker.call.share("voice")
    await room.floor(presenter=presenter)
    await viewer.call.sees(SCREEN)
    assert await viewer.call.seen() == [False, True]

    await room.floor(speaker, presenter=viewer)

    await viewer.call.sees(CAMERA)
    await presenter.call.sees(CAMERA)
    assert await speaker.call.seen() == [False, True]  # no camera of their own


@pytest.mark.engines
@pytest.mark.parametrize("room", ["janus"], indirect=True)
async def test_a_room_outlives_its_engine_and_is_heard_again_when_it_is_back(
    room: Room, janus: JanusServer
) -> None:
    speaker, listener = await room.caller(), await room.caller()
    await speaker.call.publish(LOW)
    await listener.call.listen()
    await room.floor(speaker)
    await listener.call.hears(LOW)

    janus.kill()
    await listener.phone.wait_for(is_lost)
    with pytest.raises(Refused, match=r"realtime\.media_lost"):
        await listener.call.listen()
    await room.floor(speaker)
    assert await listener.phone.wait_until_at(room.pages)
    janus.start()
    await listener.phone.wait_for(is_ready)

    await listener.call.listen()
    await speaker.call.publish(HIGH)
    await listener.call.hears(HIGH)


async def test_without_an_engine_a_room_says_so_and_works(tmp_path: Path) -> None:
    async with running(tmp_path, engine=NullEngine()) as world:
        phone = await world.listener_in()
        refusal = await phone.ask(t="cmd", i=2, k="media.listen", s=ROOM, d={})
        await world.turn_pages(1)

        assert refusal["code"] == "realtime.no_media"
        assert await phone.wait_until_at(1) == [1]
