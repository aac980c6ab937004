"""Why a search is not saved."""

from http import HTTPStatus

from core.errors import AppError


class TooManySaved(AppError):
    """An official keeps only so many searches."""

    status = HTTPStatus.CONFLICT
    code = "lookup.too_many_saved"


class AsksNothing(AppError):
    """A search without words, number and filters asks nothing."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "lookup.asks_nothing"
