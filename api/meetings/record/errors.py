"""How work on the record is refused."""

from http import HTTPStatus

from core.errors import AppError


class Frozen(AppError):
    """The minutes are frozen and wait for the chair's signature; the chair may decline to sign."""

    status = HTTPStatus.CONFLICT
    code = "meetings.minutes_frozen"


class WrongConclusion(AppError):
    """A conclusion that is a task names a lead other than the chair and a deadline ahead."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_conclusion"
