"""What the verifier refuses to judge."""

from http import HTTPStatus
from typing import ClassVar

from typing_extensions import override

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


class TooManyChecks(AppError):
    """This address asks for codes faster than people scan papers; wait as long as told."""

    status: ClassVar[HTTPStatus] = HTTPStatus.TOO_MANY_REQUESTS
    code: ClassVar[str] = "verify.too_many_checks"
    described: ClassVar[dict[str, str]] = {"Retry-After": "How many seconds to wait."}

    @override
    def answer_headers(self) -> dict[str, str]:
        return self.headers | {"Retry-After": str(self.facts["retry_after_seconds"])}
