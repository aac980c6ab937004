"""Facts that tests emit."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class Rang(Event):
    """A bell rang in some rooms."""

    name: ClassVar[str] = "test.rang"

    rooms: tuple[str, ...] = ("room:1",)
    number: int = 0
    rings: tuple[UUID, ...] = ()

    @override
    def topics(self) -> frozenset[str]:
        return frozenset(self.rooms)

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset(self.rings)
