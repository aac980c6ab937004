"""How people and their devices are refused."""

from http import HTTPStatus

from typing_extensions import override

from core.errors import AppError


class WrongPassword(AppError):
    """The account or the password is wrong."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.wrong_password"
    headers = {"WWW-Authenticate": 'DPoP algs="ES256"'}  # noqa: RUF012


class LockedOut(AppError):
    """Too many wrong tries; the account opens again by itself."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "identity.locked_out"
    described = {"Retry-After": "How many seconds to wait."}  # noqa: RUF012

    @override
    def answer_headers(self) -> dict[str, str]:
        return self.headers | {"Retry-After": str(self.facts["retry_after_seconds"])}


class NoConsole(AppError):
    """The console session is for development; production refuses it."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.no_console"


class OwnDevice(AppError):
    """Nobody approves a device of their own."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.own_device"


class KeyTaken(AppError):
    """This device key belongs to another official."""

    status = HTTPStatus.CONFLICT
    code = "identity.key_taken"


class TooManyDevices(AppError):
    """So many devices are registered already; revoke one first."""

    status = HTTPStatus.CONFLICT
    code = "identity.too_many_devices"


class DeviceNeeded(AppError):
    """Only an approved device can do this; a console session cannot."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.device_needed"


class WrongDelegationState(AppError):
    """The delegation is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "people.wrong_delegation_state"


class DelegationToOneself(AppError):
    """Nobody acts for themselves by delegation."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "people.delegation_to_oneself"


class WrongTerms(AppError):
    """The delegation does not keep to what its form asks."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "people.wrong_terms"


class DelegationOverlaps(AppError):
    """Another delegation already gives this person part of this power in that time."""

    status = HTTPStatus.CONFLICT
    code = "people.delegation_overlaps"


class NotYourDelegation(AppError):
    """A change of rights takes two persons, and never the one who gains by it."""

    status = HTTPStatus.FORBIDDEN
    code = "people.not_your_delegation"
