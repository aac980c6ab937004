"""How meetings are refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The meeting is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "meetings.wrong_state"


class NotYourPart(AppError):
    """Your part in this meeting does not allow this."""

    status = HTTPStatus.FORBIDDEN
    code = "meetings.not_your_part"


class WrongPeople(AppError):
    """A meeting has one chair, one secretary, and names nobody twice."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_people"


class NotOnTheTable(AppError):
    """This document is not among the meeting's."""

    status = HTTPStatus.NOT_FOUND
    code = "meetings.not_on_the_table"


class NoSuchPage(AppError):
    """The document has no page of that number."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.no_such_page"


class WrongTimes(AppError):
    """A meeting ends after it begins, and within 30 days."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "meetings.wrong_times"
