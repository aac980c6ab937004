"""Why the search refuses."""

from http import HTTPStatus

from core.errors import AppError


class NotACorpus(AppError):
    """This database holds documents of an agency; a corpus needs one of its own."""

    status = HTTPStatus.CONFLICT
    code = "lookup.not_a_corpus"


class UnreadableLine(AppError):
    """This line of the file has not the documented shape."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "lookup.unreadable_line"


class NoArchive(AppError):
    """There is no archive of this program at this address."""

    status = HTTPStatus.CONFLICT
    code = "lookup.no_archive"
