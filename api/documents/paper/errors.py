"""Why something cannot be written."""

from http import HTTPStatus

from core.errors import AppError


class DoesNotFit(AppError):
    """The agency's name, the subject, the capacity or the recipients do not fit on a page."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.does_not_fit"
