"""A server on which the minutes of a meeting are written."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from api.demo.editor import Editor
from api.demo.phone import Phone
from api.gate import CapabilityGate
from api.wiring import Engines
from realtime.texts.shelf import Shelf
from tests.support.ministry import Ministry, Person
from tests.support.serving import Served
from tests.support.writing import begun, node

As = Callable[[Person], Awaitable[Phone]]


@dataclass
class Office:
    """The meeting's minutes, whoever is at them, and the server between."""

    engines: Engines
    ministry: Ministry
    meeting_id: UUID
    server: Served
    shelf: Shelf
    as_: As
    editors: list[Editor] = field(default_factory=list)
    phones: dict[UUID, Phone] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/meetings/{self.meeting_id}/minutes"

    @property
    def text(self) -> str:
        return f"minutes:{self.meeting_id}"

    async def phone(self, person: Person) -> Phone:
        if person.id not in self.phones:
            self.phones[person.id] = await self.as_(person)
        return self.phones[person.id]

    async def editor(self, person: Person, url: str = "", **options: Any) -> Editor:
        """Let somebody open the minutes."""
        phone = await self.phone(person)
        url = url or self.server.url
        opened = await Editor.open(phone, url, str(self.meeting_id), **options)
        self.editors.append(opened)
        return opened

    async def kept(self) -> str:
        """What the minutes say to whoever reads them over HTTP."""
        phone = await self.phone(self.ministry.leader)
        return str((await phone.get(self.path)).json()["text"])


@pytest.fixture
async def office(engines: Engines, ministry: Ministry, as_: As) -> AsyncGenerator[Office]:
    meeting_id = await begun(engines.db, ministry)
    gate = CapabilityGate(engines.db)
    async with node(gate, engines.bus, engines.db.clock) as (server, shelf):
        office = Office(engines, ministry, meeting_id, server, shelf, as_)
        yield office
        for editor in office.editors:
            await editor.close()
