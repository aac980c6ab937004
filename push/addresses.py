"""Addresses: by which way each device is reached; a device has one, the newest counts."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlmodel import col, delete

from core.actor import Actor
from core.db import Tx
from core.errors import NotFound
from core.events import Event
from core.sessions import Device
from push import messages
from push.errors import KeysNeeded
from push.models import PushAddress, PushMessage
from push.rules import AddressKind, Move
from push.sealing import Keys

#: A device that is out, by the fact that says so and the reason in it; None means any.
_OUT: dict[str, Literal["logged_out"] | None] = {
    "people.device_revoked": None,
    "people.session_ended": "logged_out",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a device says that it is reached.

    Attributes:
        keys: for sealing; without them a message says nothing but that there is something.
        rich: whether what is sealed may say what it is about.
    """

    kind: AddressKind
    value: str
    keys: Keys | None = None
    rich: bool = False

    def must_be_sealable(self) -> None:
        """Refuse what needs keys and has none, or has useless ones."""
        if self.keys is not None:
            self.keys.must_be_usable()
        elif self.rich or self.kind is AddressKind.WEBPUSH:
            raise KeysNeeded


async def keep(tx: Tx, actor: Actor, device_id: UUID, reach: Reach) -> None:
    """Keep how the actor's own device is reached.

    The same address under another device of theirs was this phone before it was set up anew: what
    is sent there would show twice.
    """
    reach.must_be_sealable()
    device = await tx.session.get(Device, device_id, with_for_update=True)  # one after the other
    if device is None or device.official_id != actor.id:
        raise NotFound(id=str(device_id))
    kept = PushAddress(
        device_id=device_id,
        agency_id=actor.agency_id,
        official_id=actor.id,
        kind=reach.kind,
        value=reach.value,
        p256dh=reach.keys.p256dh if reach.keys else None,
        auth=reach.keys.auth if reach.keys else None,
        rich=reach.rich,
        updated_at=tx.now,
    )
    await tx.session.exec(
        delete(PushAddress).where(
            col(PushAddress.official_id) == actor.id,
            col(PushAddress.kind) == reach.kind,
            col(PushAddress.value) == reach.value,
            col(PushAddress.device_id) != device_id,
        )
    )
    await tx.session.merge(kept)


async def forget(tx: Tx, device_id: UUID) -> None:
    """Reach a device no more; what was on its way goes to its owner's others."""
    of_it = col(PushAddress.device_id) == device_id
    await tx.session.exec(delete(PushAddress).where(of_it))
    lost = await messages.move_on(tx, Move.LOSE_ADDRESS, col(PushMessage.device_id) == device_id)
    if lost:
        await messages.call_up(tx, await messages.told_by(tx, lost))


async def forget_who_is_out(tx: Tx, happened: Event, _: UUID) -> None:
    """Let no device ring that was revoked or logged out."""
    if happened.name not in _OUT:
        return
    said, reason = happened.model_dump(), _OUT[happened.name]
    if reason is None or said.get("why") == reason:
        await forget(tx, said["device_id"])
