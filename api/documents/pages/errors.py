"""Why a file is not taken as a PDF of ours to read."""

from http import HTTPStatus

from core.errors import AppError


class NotPdf(AppError):
    """The file is not a PDF, or is damaged."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.not_pdf"


class EncryptedPdf(AppError):
    """The PDF is encrypted or restricted by a password."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.encrypted_pdf"


class PdfTooComplex(AppError):
    """The PDF has more pages or text than the system takes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.pdf_too_complex"


class NotWord(AppError):
    """The file is no Word file that can be read, or holds macros."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.not_word"


class WordTooComplex(AppError):
    """The Word file has more text than the system takes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.word_too_complex"


class NoPictures(AppError):
    """Only the pages of PDF files are shown as pictures."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "documents.no_pictures"
