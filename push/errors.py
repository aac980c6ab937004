"""How push is refused."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The message has already moved on."""

    status = HTTPStatus.CONFLICT
    code = "push.wrong_state"


class NeverSilenced(AppError):
    """This kind of notification always comes at once."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.never_silenced"


class NoHours(AppError):
    """Quiet hours that begin when they end would never end."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.no_hours"


class KindNotServed(AppError):
    """This installation does not push by this way."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.kind_not_served"


class KeysNeeded(AppError):
    """This cannot be sealed without the keys of the phone."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.keys_needed"


class BadKeys(AppError):
    """The keys are no point of P-256 with a secret of 16 bytes."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.bad_keys"


class BadEndpoint(AppError):
    """The URL is none of a push service that may be asked."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "push.bad_endpoint"


class NoContact(AppError):
    """KHONGGIAY_PUSH__WEBPUSH__CONTACT must be a mailto: or https: address."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "push.no_contact"


class NoFcmAccount(AppError):
    """The file that KHONGGIAY_PUSH__FCM__CREDENTIALS names is not the key of a service account."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "push.no_fcm_account"
