"""What is no evidence."""

from http import HTTPStatus
from typing import ClassVar

from core.errors import AppError


class BadStamp(AppError):
    """The time-stamp is not on what was asked, or not of whom it names."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "evidence.bad_stamp"
