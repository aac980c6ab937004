"""How push is refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The message has already moved on."""

    status = HTTPStatus.CONFLICT
    code = "push.wrong_state"


class NeverSilenced(AppError):
    """This kind of notification always comes at once."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.never_silenced"
