"""How second factors are refused."""

from http import HTTPStatus

from typing_extensions import override

from core.errors import AppError
from core.nonces import HEADER as NONCE
from core.tokens import BadToken


class StepUpNeeded(AppError):
    """Show that it is really you: in the header `Step-Up`, over the challenge (RFC 9470)."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.insufficient_user_authentication"
    headers = {  # noqa: RUF012
        "WWW-Authenticate": 'DPoP error="insufficient_user_authentication"',
        "Cache-Control": "no-store",
    }
    described = {NONCE: "The nonce that the challenge is made of."}  # noqa: RUF012

    @override
    def answer_headers(self) -> dict[str, str]:
        facts = self.facts
        asked = f', acr_values="{facts["acr_values"]}", max_age="{facts["max_age"]}"'
        scheme = self.headers["WWW-Authenticate"] + asked
        return self.headers | {"WWW-Authenticate": scheme, NONCE: str(facts["nonce"])}


class WrongFactor(AppError):
    """The code or the passkey does not fit, or was used before."""

    status = HTTPStatus.UNAUTHORIZED
    code = "identity.wrong_factor"
    headers = BadToken.headers


class FactorExists(AppError):
    """This second factor is set up already; remove it first."""

    status = HTTPStatus.CONFLICT
    code = "identity.factor_exists"


class BadPasskey(AppError):
    """The new passkey is not sound, or was made for another request."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "identity.bad_passkey"


class TooManyPasskeys(AppError):
    """So many passkeys are registered already; remove one first."""

    status = HTTPStatus.CONFLICT
    code = "identity.too_many_passkeys"


class OwnFactors(AppError):
    """Administrators reset the second factors of others, not their own."""

    status = HTTPStatus.FORBIDDEN
    code = "identity.own_factors"
