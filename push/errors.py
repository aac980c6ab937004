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


class NoFcmAccount(AppError):
    """The file that KHONGGIAY_PUSH__FCM__CREDENTIALS names is not the key of a service account."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "push.no_fcm_account"
