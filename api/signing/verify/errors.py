"""What the verifier refuses to judge."""

from http import HTTPStatus
from typing import ClassVar

from core.errors import AppError


class NotAPdf(AppError):
    """No PDF can be made out in the file."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "verify.not_a_pdf"


class NoAnchors(AppError):
    """The folder holds no certificate to trust."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "verify.no_anchors"


class NothingIssued(AppError):
    """There is no document in force under this code."""

    status: ClassVar[HTTPStatus] = HTTPStatus.NOT_FOUND
    code: ClassVar[str] = "verify.nothing_issued"
