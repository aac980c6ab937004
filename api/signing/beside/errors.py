"""How files beside a document are refused."""

from http import HTTPStatus

from core.errors import AppError


class SignedAlready(AppError):
    """What is signed is sent on as it is; a copy of it would have lost the signatures."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "beside.signed_already"


class WrongPages(AppError):
    """An extract names its pages, each once; a whole copy names none."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "beside.wrong_pages"


class NotSealed(AppError):
    """An attachment in a file of its own bears no seal yet."""

    status = HTTPStatus.CONFLICT
    code = "beside.not_sealed"


class TooMany(AppError):
    """A document has room for so many attachments."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "beside.too_many"


class NotPlainPdf(AppError):
    """Only PDF files are attached and copied."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "beside.not_plain_pdf"
