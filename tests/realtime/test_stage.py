"""The stage between the floor and the engine: what an engine did not take, it is asked again."""

from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from typing_extensions import override

from realtime.errors import EngineLost
from realtime.floor import Speaking
from realtime.limits import Limits
from realtime.media.null import NullEngine
from realtime.media.port import Changed, Floor, Gives, Seat
from realtime.presence import Present
from realtime.signalling import Hear
from tests.realtime.world import ROOM, eventually, running


class Listening(NullEngine):
    """Notes who leaves it and which floors it is given."""

    def __init__(self) -> None:
        self.floors: list[Floor] = []
        self.done: list[object] = []

    @property
    @override
    def gives(self) -> Gives:
        return Gives("listening", audio=True)

    @override
    async def run(self, changed: Changed) -> None:
        changed(True)
        await super().run(changed)

    @override
    async def listen(self, seat: Seat) -> str:
        return "an offer"

    @override
    async def leave(self, seat: Seat) -> None:
        self.done.append(seat.who)

    @override
    async def set_floor(self, room: str, floor: Floor) -> None:
        self.floors.append(floor)
        if not floor.hearers:
            self.done.append("forgotten")


class Faltering(Listening):
    """Loses the first floor that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.is_ill = True

    @override
    async def set_floor(self, room: str, floor: Floor) -> None:
        if self.is_ill:
            self.is_ill = False
            raise EngineLost
        await super().set_floor(room, floor)


async def test_a_floor_that_the_engine_did_not_take_is_given_again(tmp_path: Path) -> None:
    engine, who = Faltering(), uuid4()
    async with running(tmp_path, engine=engine) as world:
        await eventually(lambda: world.stage._is_ready)
        world.gate.floors[ROOM] = Speaking((who,), frozenset({who}))
        seat = Seat(ROOM, "peer", who)
        with pytest.raises(EngineLost):
            await world.stage.take(seat, Hear())

        world.stage.happened(ROOM)
        await eventually(lambda: bool(engine.floors))

    assert engine.floors[0].slots[0] == who
    assert engine.floors[0].hearers == {who}


async def test_a_room_is_forgotten_with_its_last_seat_and_not_while_one_may_come_back(
    tmp_path: Path,
) -> None:
    engine, first, second = Listening(), uuid4(), uuid4()
    quick = Limits(media=0.01)
    async with running(tmp_path, quick, engine=engine) as world:
        await eventually(lambda: world.stage._is_ready)
        world.gate.floors[ROOM] = Speaking((), frozenset({first, second}))
        for who in (first, second):
            await world.stage.take(Seat(ROOM, str(who), who), Hear())

        for who in (first, second):
            world.stage.left(ROOM, Present(peer=str(who), who=who))
            await eventually(partial(engine.done.__contains__, who))
        await eventually(lambda: "forgotten" in engine.done)

    assert engine.done == [first, second, "forgotten"]
