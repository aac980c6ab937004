"""How push is refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The message has already moved on."""

    status = HTTPStatus.CONFLICT
    code = "push.wrong_state"
