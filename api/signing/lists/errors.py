"""How signing a list says no."""

from http import HTTPStatus

from core.errors import AppError


class WrongList(AppError):
    """A list has one to a hundred requests, each once."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "signing.wrong_list"


class NotAllSeen(AppError):
    """The signer has not been shown every page of the list."""

    status = HTTPStatus.CONFLICT
    code = "signing.not_all_seen"
