"""Phones that can be rung, and a provider that answers as it is told."""

import asyncio
from uuid import UUID

from sqlmodel import select
from typing_extensions import override

from core.db import Database
from core.devices import DeviceState
from core.ids import new_id
from core.sessions import Device
from push import addresses
from push.addresses import Reach
from push.gateway.port import Address, Gateway, Message, Outcome, Sent
from push.models import PushMessage
from push.rules import AddressKind, State
from tests.support.facts import Rang
from tests.support.ministry import Person


class Provider(Gateway):
    """Answers as it is told, then takes everything; an address named `slow` waits for `go_on`."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self.kinds = frozenset({AddressKind.RECORDED})
        self.got: list[Message] = []
        self.at: list[str] = []
        self.go_on = asyncio.Event()
        self.closed = 0
        self._answers = list(answers)

    @override
    def provider_of(self, address: Address) -> str:
        return address.value.partition("-")[0]

    @override
    async def send(self, address: Address, message: Message) -> Outcome:
        self.got.append(message)
        self.at.append(address.value)
        answer = self._answers.pop(0) if self._answers else Sent()
        await asyncio.sleep(0)  # as long as it takes, others are sent meanwhile
        if address.value.startswith("slow"):
            await self.go_on.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @override
    async def close(self) -> None:
        self.closed += 1


async def give_phone(
    db: Database, person: Person, value: str = "phone-0001", *, reach: Reach | None = None
) -> UUID:
    """Give a person a phone that can be rung; the newest is the one in their hand."""
    async with db.begin() as tx:
        device = Device(
            agency_id=person.agency_id, official_id=person.id, name="phone",
            thumbprint=new_id().hex, public_jwk={}, state=DeviceState.APPROVED,
            registered_at=tx.now, changed_at=tx.now, session_id=new_id(),
        )  # fmt: skip
        tx.session.add(device)
        await tx.session.flush()
        reached = reach or Reach(AddressKind.RECORDED, value)
        await addresses.keep(tx, person.actor, device.id, reached)
    return device.id


async def ring(db: Database, *people: Person, kind: type[Rang] = Rang, times: int = 1) -> None:
    """Let something happen that concerns some people."""
    for number in range(times):
        async with db.begin() as tx:
            tx.emit(kind(number=number, rings=tuple(person.id for person in people)))


async def messages(db: Database) -> list[PushMessage]:
    """Return every message, in the order in which they are due."""
    async with db.read() as view:
        found = (await view.session.exec(select(PushMessage))).all()
    return sorted(found, key=lambda one: (one.next_at, one.id))


async def states(db: Database) -> list[State]:
    """Return where the messages stand."""
    return sorted(one.state for one in await messages(db))


async def the_message(db: Database) -> PushMessage:
    """Return the only one."""
    (one,) = await messages(db)
    return one
