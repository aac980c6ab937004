"""How answers to invitations are refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongAnswer(AppError):
    """The invitation is past this answer."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_answer"


class CannotDelegate(AppError):
    """Only a member may send a delegate, once, and nobody who takes part already."""

    status = HTTPStatus.CONFLICT
    code = "meetings.cannot_delegate"
