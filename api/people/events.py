"""What people's devices tell the rest of the system."""

from typing import ClassVar, Literal
from uuid import UUID

from typing_extensions import override

from core.events import DOOR, Event

Why = Literal["logged_out", "refresh_reused", "signed_out_elsewhere"]


class _DeviceEvent(Event):
    """Something happened to a device."""

    device_id: UUID
    official_id: UUID
    by: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})


class _ShutOut(_DeviceEvent):
    """A device's tokens and sockets are worthless: every process must hear of it."""

    @override
    def topics(self) -> frozenset[str]:
        return super().topics() | {DOOR}


class DeviceRegistered(_DeviceEvent):
    """A new device asked to be let in; the official's devices before it ring."""

    name: ClassVar[str] = "people.device_registered"

    is_first: bool

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset() if self.is_first else frozenset({self.official_id})


class DeviceApproved(_DeviceEvent):
    """An administrator approved a device."""

    name: ClassVar[str] = "people.device_approved"


class DeviceRevoked(_ShutOut):
    """A device may no longer speak."""

    name: ClassVar[str] = "people.device_revoked"


class SessionEnded(_ShutOut):
    """A device's session ended.

    `logged_out` on the device, `signed_out_elsewhere` at the identity provider, or
    `refresh_reused` when a token has leaked.
    """

    name: ClassVar[str] = "people.session_ended"

    why: Why

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.official_id}) if self.why == "refresh_reused" else frozenset()


class FactorsChanged(Event):
    """What an official proves themselves with has changed."""

    name: ClassVar[str] = "people.factors_changed"

    official_id: UUID
    by: UUID
    what: Literal[
        "totp_added", "totp_removed", "passkey_added", "passkey_removed", "recovery_codes_renewed",
        "reset",
    ]  # fmt: skip

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset({self.official_id})


class DelegationEvent(Event):
    """Something happened to a delegation; both sides hear of it, and whoever did not do it is rung.

    Attributes:
        tells: whose phones ring.
    """

    delegation_id: UUID
    principal_id: UUID
    delegate_id: UUID
    by: UUID
    tells: tuple[UUID, ...] = ()

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.principal_id}", f"user:{self.delegate_id}"})

    @override
    def notifies(self) -> frozenset[UUID]:
        return frozenset(self.tells)


class DelegationProposed(DelegationEvent):
    """An administrator entered a delegation; it waits for a second person."""

    name: ClassVar[str] = "people.delegation_proposed"


class DelegationGiven(DelegationEvent):
    """A delegation is in force: its principal gave it, or a second person confirmed it."""

    name: ClassVar[str] = "people.delegation_given"


class DelegationRevoked(DelegationEvent):
    """A delegation was taken back or laid down: every process must hear of it."""

    name: ClassVar[str] = "people.delegation_revoked"

    @override
    def topics(self) -> frozenset[str]:
        return super().topics() | {DOOR}
