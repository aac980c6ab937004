"""How writing minutes is refused."""

from http import HTTPStatus

from core.errors import AppError


class TooLong(AppError):
    """Minutes have a limited length, with what was deleted from them too."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.minutes_too_long"


class WrongWriters(AppError):
    """Whom the secretary lets write takes part in the meeting, and not as a guest."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_writers"
