"""How signing says no."""

from http import HTTPStatus

from core.errors import AppError


class WrongState(AppError):
    """The signature request has already moved on."""

    status = HTTPStatus.CONFLICT
    code = "signing.wrong_state"


class NotTheSigner(AppError):
    """Only the named signer may do this."""

    status = HTTPStatus.FORBIDDEN
    code = "signing.not_the_signer"


class NoPhoneNumber(AppError):
    """The signer has no SIM to sign with."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "signing.no_phone_number"


class NotVerified(AppError):
    """The finished file does not pass our own verifier; nothing was kept."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "signing.not_verified"


class NotYourTurn(AppError):
    """Somebody before you has not decided yet."""

    status = HTTPStatus.CONFLICT
    code = "signing.not_your_turn"


class WrongDeadline(AppError):
    """A deadline lies in the future."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "signing.wrong_deadline"


class WrongSteps(AppError):
    """Everybody initials once, and not who signs."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "signing.wrong_steps"


class SeveralSign(AppError):
    """A paper that several people sign is signed by itself, not in a list."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "signing.several_sign"


class PaperWithdrawn(AppError):
    """The paper may be secret: it was taken from everybody, and nobody signs it."""

    status = HTTPStatus.GONE
    code = "signing.paper_withdrawn"
