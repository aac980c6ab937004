"""What can happen to a device: pure rules."""

from enum import StrEnum
from http import HTTPStatus

from core.errors import AppError


class DeviceState(StrEnum):
    """Where a device stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REVOKED = "revoked"


class DeviceMove(StrEnum):
    """What can happen to a device."""

    APPROVE = "approve"
    REVOKE = "revoke"


class WrongDeviceState(AppError):
    """The device has already moved on."""

    status = HTTPStatus.CONFLICT
    code = "identity.wrong_device_state"


#    from                  move                 to
MOVES = {
    (DeviceState.PENDING,  DeviceMove.APPROVE): DeviceState.APPROVED,
    (DeviceState.PENDING,  DeviceMove.REVOKE):  DeviceState.REVOKED,
    (DeviceState.APPROVED, DeviceMove.REVOKE):  DeviceState.REVOKED,
}  # fmt: skip


def after(state: DeviceState, move: DeviceMove) -> DeviceState:
    """Return the state that `move` leads to, or refuse the move."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise WrongDeviceState(state=state, move=move) from None
