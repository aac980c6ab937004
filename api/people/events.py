"""What people's devices tell the rest of the system."""

from typing import ClassVar
from uuid import UUID

from typing_extensions import override

from core.events import Event


class _DeviceEvent(Event):
    """Something happened to a device."""

    device_id: UUID
    official_id: UUID
    by: UUID

    @override
    def topics(self) -> frozenset[str]:
        return frozenset({f"user:{self.official_id}"})


class DeviceRegistered(_DeviceEvent):
    """A new device asked to be let in."""

    name: ClassVar[str] = "people.device_registered"


class DeviceApproved(_DeviceEvent):
    """An administrator approved a device."""

    name: ClassVar[str] = "people.device_approved"


class DeviceRevoked(_DeviceEvent):
    """A device may no longer speak."""

    name: ClassVar[str] = "people.device_revoked"
