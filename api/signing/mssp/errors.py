"""How a simulated phone says no to the person who holds it."""

from http import HTTPStatus

from core.errors import AppError


class WrongPin(AppError):
    """The PIN of the simulated SIM is wrong."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "simulated.wrong_pin"


class NoSimulatedPhone(AppError):
    """The operator is a real one; look at the phone itself."""

    status = HTTPStatus.NOT_FOUND
    code = "simulated.no_phone"
