"""How the inbox refuses."""

from http import HTTPStatus

from core.errors import AppError


class UnknownKind(AppError):
    """There is no such kind of notification."""

    status = HTTPStatus.NOT_FOUND
    code = "inbox.unknown_kind"


class OneWay(AppError):
    """A page lies before one notification or after one, not between two."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "inbox.one_way"
