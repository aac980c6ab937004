"""What the PDF work refuses."""

from http import HTTPStatus
from typing import ClassVar

from core.errors import AppError


class NotSignable(AppError):
    """This PDF cannot be prepared for our signatures."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "pdf.not_signable"


class FieldMissing(AppError):
    """The PDF lacks one of our form fields."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT
    code: ClassVar[str] = "pdf.field_missing"


class FieldTaken(AppError):
    """The signature field is already signed."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT
    code: ClassVar[str] = "pdf.field_taken"


class NotDrawable(AppError):
    """The text holds a character we do not print, or does not fit."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "pdf.not_drawable"


class WrongCertificate(AppError):
    """The certificate may not sign with this mechanism."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "pdf.wrong_certificate"


class WrongRawSignature(AppError):
    """The raw signature does not belong to what was asked, or to this certificate."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "pdf.wrong_raw_signature"


class ChangedSincePrepared(AppError):
    """The file is no longer the one that was prepared."""

    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT
    code: ClassVar[str] = "pdf.changed_since_prepared"
