"""The stage between the floor and the engine: what an engine did not take, it is asked again."""

from pathlib import Path
from uuid import uuid4

import pytest
from typing_extensions import override

from realtime.errors import EngineLost
from realtime.floor import Speaking
from realtime.media.null import NullEngine
from realtime.media.port import Changed, Floor, Gives, Seat
from realtime.signalling import Hear
from tests.realtime.world import ROOM, eventually, running


class Faltering(NullEngine):
    """Loses the first floor that it is given."""

    def __init__(self) -> None:
        self.floors: list[Floor] = []
        self.is_ill = True

    @property
    @override
    def gives(self) -> Gives:
        return Gives("faltering", audio=True)

    @override
    async def run(self, changed: Changed) -> None:
        changed(True)
        await super().run(changed)

    @override
    async def listen(self, seat: Seat) -> str:
        return "an offer"

    @override
    async def set_floor(self, room: str, floor: Floor) -> None:
        if self.is_ill:
            self.is_ill = False
            raise EngineLost
        self.floors.append(floor)


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
