"""No media engine: the room works without, and two people connect with each other (`rtc.*`)."""

import asyncio

from typing_extensions import override

from realtime.errors import NoEngine
from realtime.media.port import Changed, Engine, Floor, Gives, Seat, Source


class NullEngine(Engine):
    """Carries nothing."""

    @property
    @override
    def gives(self) -> Gives:
        return Gives("null")

    @override
    async def run(self, changed: Changed) -> None:
        await asyncio.get_running_loop().create_future()

    @override
    async def publish(self, seat: Seat, offer: str, source: Source) -> str:
        raise NoEngine

    @override
    async def listen(self, seat: Seat) -> str:
        raise NoEngine

    @override
    async def connect(self, seat: Seat, answer: str) -> None:
        raise NoEngine

    @override
    async def set_floor(self, room: str, floor: Floor) -> None:
        return

    @override
    async def leave(self, seat: Seat) -> None:
        return

    @override
    async def close(self) -> None:
        return
