"""How annotations are refused."""

from http import HTTPStatus

from core.errors import AppError


class Submitted(AppError):
    """A formal opinion that was submitted is not changed any more."""

    status = HTTPStatus.CONFLICT
    code = "meetings.opinion_submitted"


class WrongTarget(AppError):
    """An annotation names a revision that you may read on the table, and a page of it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_target"
