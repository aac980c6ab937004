"""How the way to trust services says no."""

from http import HTTPStatus
from typing import ClassVar

from core.errors import AppError


class AddressRefused(AppError):
    """This address is on no list of trust services, or lies inside our own network."""

    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY
    code: ClassVar[str] = "trust.address_refused"


class TrustServiceSilent(AppError):
    """A trust service did not answer in time, or not as its protocol says."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_GATEWAY
    code: ClassVar[str] = "trust.silent"
